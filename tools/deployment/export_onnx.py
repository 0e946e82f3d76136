"""Write a model as an ONNX file: the command `mmlle export`."""

from mmlle.cli.export import main

if __name__ == "__main__":
    main()
