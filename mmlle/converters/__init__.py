"""Downloaded data sets into the layouts of ``docs/data.md``, one module for each.

Not a part of :mod:`mmlle.datasets`, whose import takes PyTorch and seconds.
"""
