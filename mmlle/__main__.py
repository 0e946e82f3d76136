"""``python -m mmlle``: the command ``mmlle``, for launchers such as torchrun."""

from mmlle.cli.main import main

if __name__ == "__main__":
    main()
