"""The command ``mmlle``, a file for each verb: arguments and messages; the work is done elsewhere."""

from mmlle.compat.transformers_warnings import silence

# Before anything that imports these packages, as MMEngine's Runner does already.
silence()
