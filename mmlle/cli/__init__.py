"""The command ``mmlle``, a file for each verb: arguments and messages; the work is done elsewhere."""
