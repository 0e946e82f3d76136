"""One folder for each method: its networks, and its model."""
