"""Speed beside the code of the methods' authors."""
