"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``; ``--help`` lists the options."""

from mmlle.cli.test import main

if __name__ == "__main__":
    main()
