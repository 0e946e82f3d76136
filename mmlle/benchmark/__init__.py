"""Speed beside the code of the methods' authors, and of loading data. ``import mmlle`` does not import it."""
