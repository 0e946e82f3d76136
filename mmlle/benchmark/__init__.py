"""Speed beside the code of the methods' authors and of loading data; noise; recognition of what images show.

``import mmlle`` does not import it.
"""
