from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmlle.apis import LowLightInferencer
from mmlle.cli.enhance import look_of, main, parse_args
from mmlle.look import Look
from mmlle.media.image_io import read_image
from mmlle.testing import write_images

MODEL = ["--model", "config.py", "--weights", "weights.pth", "--device", "cpu"]


def test_the_arguments():
    args = parse_args(["a.jpg", "folder", "-o", "out"])
    assert (args.inputs, args.out) == (["a.jpg", "folder"], "out")
    assert (args.model, args.weights, args.device) == ("sgz", None, None)
    assert look_of(args) is None


def test_the_look():
    options = ["--exposure", "0.5", "--shadows", "off", "--strength", "1.2", "--denoise", "7"]
    args = parse_args(["a.jpg", "-o", "out", *options, "--saturation", "as-is"])
    assert look_of(args) == Look(0.5, "off", 1.2, 7, "as-is")
    assert look_of(parse_args(["a.jpg", "-o", "out", "--exposure", "as-trained"])) == Look("as-trained")


def test_a_wrong_look_is_a_message(workspace, stopped):
    write_images("in", ["x.png"])
    assert "exposure must be auto" in stopped(main, ["in", "-o", "out", "--exposure", "2", *MODEL])
    assert not (workspace.folder / "out").exists()


def test_the_place_of_the_results_is_needed(capsys):
    with pytest.raises(SystemExit) as stop:
        parse_args(["a.jpg"])
    assert stop.value.code == 2
    assert "--out" in capsys.readouterr().err


def test_a_file_into_a_file(workspace, capsys):
    write_images(".", ["x.png"])
    main(["x.png", "-o", "new/y.bmp", *MODEL])
    result = LowLightInferencer("config.py", "weights.pth", "cpu")("x.png")
    assert np.array_equal(read_image("new/y.bmp"), result)
    assert workspace.files("new") == ["y.bmp"]
    assert "1 of 1 images enhanced: new/y.bmp" in capsys.readouterr().out


def test_a_file_into_a_folder(workspace):
    write_images("in", ["x.jpg"])
    main(["in/x.jpg", "-o", "out", *MODEL])
    assert workspace.files("out") == ["x.jpg"]
    assert Image.open("out/x.jpg").format == "JPEG"


def test_folders_with_folders_in_them(workspace, capsys):
    write_images("in", ["a.png", "n/m/b.webp", "c.JPG"], size=(9, 14))
    main(["in", "-o", "out", *MODEL])
    assert workspace.files("out") == ["a.png", "c.JPG", "n/m/b.webp"]
    assert {read_image(f"out/{name}").shape for name in workspace.files("out")} == {(9, 14, 3)}
    assert "3 of 3 images enhanced: out" in capsys.readouterr().out


def test_a_folder_of_one_image_named_like_a_file_is_a_folder(workspace):
    write_images("in", ["x.png"])
    main(["in", "-o", "out", *MODEL])
    assert workspace.files("out") == ["x.png"]


def test_an_unreadable_file_is_named_and_the_others_done(workspace, stopped, capsys):
    write_images("in", ["a.png", "b.png", "c.png"])
    Path("in/b.png").write_bytes(Path("in/b.png").read_bytes()[:500])
    message = stopped(main, ["in", "-o", "out", *MODEL])
    assert message.startswith("Cannot read the image in/b.png")
    assert workspace.files("out") == ["a.png", "c.png"]
    assert "2 of 3 images enhanced: out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.png", "-o", "out", *MODEL], "There is no image at gone.png"),
        (["in", "-o", "out", "--model", "retinex"], "There is no model 'retinex': name one of "),
        (["in", "-o", "out", "--model", "config.py"], "No weights are shipped for 'config.py'"),
        (["in", "-o", "in", *MODEL], "Choose another folder for the results"),
        (["in", "other", "-o", "out", *MODEL], "Two images would be written to out/x.png"),
    ],
)
def test_what_the_user_can_put_right_is_a_message_and_leaves_no_trace(workspace, stopped, arguments, message):
    write_images("in", ["x.png"])
    write_images("other", ["x.png"])
    before = {name: (workspace.folder / name).read_bytes() for name in workspace.files()}
    text = stopped(main, arguments)
    assert text.startswith("Error: ")
    assert message in text
    assert {name: (workspace.folder / name).read_bytes() for name in workspace.files()} == before
