"""Train a model: ``python tools/train.py CONFIG``; ``--help`` lists the options."""

from mmlle.cli.train import main

if __name__ == "__main__":
    main()
