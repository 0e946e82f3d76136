import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mmlle.apis import LowLightInferencer
from mmlle.cli.enhance import look_of, main, parse_args
from mmlle.media.image_io import read_image
from mmlle.testing import read_film, write_film, write_images

MODEL = ["--model", "config.py", "--weights", "weights.pth", "--device", "cpu"]


def test_the_arguments():
    args = parse_args(["a.jpg", "folder", "-o", "out"])
    assert (args.inputs, args.out) == (["a.jpg", "folder"], "out")
    assert (args.model, args.weights, args.device) == ("global_curve", None, None)
    assert look_of(args) == {}


def test_the_look():
    command = ["a.jpg", "-o", "out"]
    args = parse_args([*command, "--strength", "1.2", "--denoise", "7", "--saturation", "as-is"])
    assert look_of(args) == dict(strength=1.2, denoise=7, saturation="as-is")
    args = parse_args([*command, "--exposure", "0.5", "--shadows", "off"])
    assert look_of(args) == dict(exposure=0.5, shadows="off", strength=None)


def test_a_strength_and_an_exposure_contradict_each_other(capsys):
    for name, value in ("--exposure", "0.5"), ("--shadows", "off"):
        with pytest.raises(SystemExit) as stop:
            parse_args(["a.jpg", "-o", "out", "--strength", "1.2", name, value])
        assert stop.value.code == 2
        assert "--strength stands in place of --exposure and --shadows" in capsys.readouterr().err


def test_a_wrong_look_is_a_message(workspace, stopped):
    write_images("in", ["x.png"])
    assert "exposure must be auto" in stopped(main, ["in", "-o", "out", "--exposure", "2", *MODEL])
    assert not (workspace.folder / "out").exists()


def test_an_empty_place_of_the_results_is_no_standard_output(capsys):
    with pytest.raises(SystemExit):
        main(["x.png", "-o", ""])
    assert "-o/--out is empty" in capsys.readouterr().err


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
        (["in", "-o", "out", "--suffix", "a/b", *MODEL], "The suffix 'a/b' is no part of a file's name"),
        (["in/x.png", "-o", "y.png", "--suffix", "_b", *MODEL], "and y.png is a file"),
        (["in", "-o", "out", "--quality", "0", *MODEL], "quality is 1 to 100, got 0"),
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


def test_existing_results_are_kept_replaced_or_named(workspace, stopped, capsys):
    write_images("in", ["a.png", "b.png"])
    Path("out").mkdir()
    Path("out/a.png").write_bytes(b"old")
    command = ["in", "-o", "out", *MODEL]
    assert stopped(main, command).startswith("out/a.png is there already; --overwrite replaces")
    assert workspace.files("out") == ["a.png", "b.png"]
    main([*command, "--skip-existing"])
    assert capsys.readouterr().out.endswith("0 of 2 images enhanced: out; 2 were there already\n")
    assert Path("out/a.png").read_bytes() == b"old"
    main([*command, "--overwrite"])
    assert capsys.readouterr().out == "2 of 2 images enhanced: out\n"
    assert read_image("out/a.png").shape == (32, 32, 3)


def test_no_model_is_loaded_where_all_results_are_there(workspace, stopped, capsys):
    write_images("in", ["a.png", "b.png"])
    write_images("out", ["a.png", "b.png"])
    command = ["in", "-o", "out", "--model", "config.py", "--weights", "damaged.pth"]
    assert stopped(main, command).count("is there already; --overwrite replaces") == 2
    main([*command, "--skip-existing"])
    assert capsys.readouterr().out.endswith("0 of 2 images enhanced: out; 2 were there already\n")
    assert "no checkpoint damaged.pth" in stopped(main, [*command, "--overwrite"])


def test_a_quality_without_effect_is_named(workspace, capsys):
    write_images("in", ["a.png", "b.png", "c.jpg"])
    main(["in", "-o", "out", "--quality", "80", *MODEL])
    assert capsys.readouterr().err.endswith("in/a.png and 1 more: .png has no quality.\n")


def test_patterns_and_suffixes(workspace):
    write_images("in", ["a.png", "n/b.jpg", "n/c.png"])
    main(["in/**/*.png", "-o", "in", "--suffix", "_bright", *MODEL])
    assert workspace.files("in") == ["a.png", "a_bright.png", "n/b.jpg", "n/c.png", "n/c_bright.png"]


#: Images that are none, by what is in them.
BAD = dict(truncated=lambda good: good[: len(good) // 2], text=lambda good: b"text", empty=lambda good: b"")


def test_a_folder_of_200_mixed_files(workspace, capsys, monkeypatch):
    endings = (".png", ".jpg", ".webp", ".tif", ".bmp")
    good = [f"{i % 7}/{i:03d}{endings[i % 5]}" for i in range(170)]
    write_images("in", [*good, "x.png"], size=(12, 10))
    content = Path("in/x.png").read_bytes()
    bad = [f"{i % 7}/{kind}_{i}.png" for i in range(10) for kind in BAD]
    for name in bad:
        Path("in", name).write_bytes(BAD[name.split("/")[1].split("_")[0]](content))
    Path("in/x.png").unlink()
    Path("in/folder.png").mkdir()
    Path("in/0/gone.png").symlink_to("nowhere.png")
    Path("in/notes.txt").write_text("no image")
    with pytest.raises(SystemExit) as stop:
        main(["in", "-o", "out", "--exposure", "as-trained", "--shadows", "off", "--denoise", "off", *MODEL])
    assert workspace.files("out") == sorted(good)
    lines = stop.value.code.splitlines()
    assert len(lines) == len(bad) + 1
    for name in [*bad, "0/gone.png"]:
        assert sum(f"in/{name}" in line for line in lines) == 1
    assert capsys.readouterr().out == "170 of 201 images enhanced: out\n"


def test_an_unreadable_folder_is_named(workspace, stopped, monkeypatch):
    write_images("in", ["a.png", "n/b.png"])
    scandir = os.scandir

    def refuse(path):
        if path == "in/n":
            raise PermissionError(13, "Permission denied", "in/n")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "Cannot read the folder in/n: Permission denied" in stopped(main, ["in", "-o", "out", *MODEL])
    assert workspace.files("out") == ["a.png"]


#: The command with an enhancement that takes PAUSE seconds and needs no PyTorch, which takes seconds to load.
QUICK = """
import signal, sys, time
from types import SimpleNamespace
from mmlle.cli import enhance
from mmlle.look import FilmLook, Look
# A process that a shell started in the background would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
def slow(image):
    time.sleep(float(sys.argv[1]))
    return image.replaced(image.pixels * 2)
def slow_batch(images, strengths):
    time.sleep(float(sys.argv[1]))
    return images * 2
def load(*args):
    print("a message of the model", flush=True)
    look = Look(strength=1, denoise="off", saturation="as-is")
    film_look = lambda: FilmLook(look, slow_batch)
    return SimpleNamespace(enhance_photograph=slow, film_look=film_look)
enhance.load = load
from mmlle.cli.main import main
main(["enhance", *sys.argv[2:]])
"""


def quick(*arguments, pause=0, **options):
    """Start the command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", QUICK, str(pause), *arguments]
    streams = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE) | options
    return subprocess.Popen(command, env=environment, **streams)


def test_one_image_through_standard_input_and_output(tmp_path):
    write_images(tmp_path, ["x.png"])
    process = quick("-", stdin=subprocess.PIPE, cwd=tmp_path)
    output, errors = process.communicate((tmp_path / "x.png").read_bytes())
    assert (process.returncode, errors) == (0, b"a message of the model\n")
    (tmp_path / "y.png").write_bytes(output)
    assert np.array_equal(read_image(tmp_path / "y.png"), read_image(tmp_path / "x.png") * 2)


def test_a_closed_standard_output_is_one_line(tmp_path):
    write_images(tmp_path, ["x.png"])
    process = quick("x.png", "-o", "-", cwd=tmp_path)
    process.stdout.close()
    assert process.stderr.read() == b"a message of the model\nError: standard output: Broken pipe\n"
    assert process.wait() == 1


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ctrl_c_tells_what_was_done_and_leaves_no_half_file(tmp_path):
    names = [f"{i:02d}.png" for i in range(40)]
    write_images(tmp_path / "in", names)
    process = quick("in", "-o", "out", pause=0.1, cwd=tmp_path)
    wait_for((tmp_path / "out/01.png").exists)
    process.send_signal(signal.SIGINT)
    output, errors = (text.decode() for text in process.communicate(timeout=60))
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert process.returncode == 130
    assert output.endswith(f"{len(written)} of 40 images enhanced: out\n")
    last = errors.splitlines()[-1]
    assert last == f"Interrupted: {40 - len(written)} images not done; go on with --skip-existing."
    assert "Traceback" not in errors
    assert written == names[: len(written)]
    for name in written:
        assert np.array_equal(read_image(tmp_path / "out" / name), read_image(tmp_path / "in" / name) * 2)


def test_names_that_are_no_text(tmp_path):
    write_images(tmp_path / "in", ["x.png"])
    name = os.fsdecode(b"\xff\n.png")
    (tmp_path / "in" / name).write_bytes(b"text")
    (tmp_path / "in/x.png").rename(tmp_path / "in" / os.fsdecode(b"\xfe.png"))
    process = quick("in", "-o", "out", cwd=tmp_path)
    _, errors = process.communicate(timeout=60)
    assert errors.splitlines()[-1].startswith(rb"Cannot read the image in/\udcff\n.png: ")
    assert os.listdir(tmp_path / "out") == [os.fsdecode(b"\xfe.png")]


@pytest.mark.slow
def test_killed_20_times_no_file_is_half_and_the_rest_can_be_finished(tmp_path):
    names = [f"{i % 3}/{i:03d}.png" for i in range(120)]
    write_images(tmp_path / "in", names, size=(300, 300))
    random = np.random.default_rng(0)
    counts = []
    for _ in range(20):
        process = quick("in", "-o", "out", "--skip-existing", pause=0.005, cwd=tmp_path)
        process.stdout.readline()  # the images are begun now
        time.sleep(random.uniform(0, 0.15))
        process.kill()
        process.communicate()
        written = [path for path in (tmp_path / "out").rglob("*") if path.suffix == ".png"]
        for path in written:
            expected = read_image(tmp_path / "in" / path.relative_to(tmp_path / "out")) * 2
            assert np.array_equal(read_image(path), expected)
        counts.append(len(written))
    assert 0 < counts[10] < 120
    process = quick("in", "-o", "out", "--skip-existing", cwd=tmp_path)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    kept = f"; {counts[-1]} were there already" if counts[-1] else ""
    assert output.decode().endswith(f"{120 - counts[-1]} of 120 images enhanced: out{kept}\n")
    files = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")]
    assert sorted(files) == sorted(names)


@pytest.mark.slow
def test_torchrun_shares_the_images_out_with_one_summary(workspace):
    names = [f"{i}.png" for i in range(7)]
    write_images("in", names)
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        write_film(Path("in", name), films(3))
    Path("in/3.png").write_bytes(b"text")
    Path("in/4.png").write_bytes(b"text")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [
        "-m",
        "torch.distributed.run",
        "--nproc_per_node",
        "2",
        "--master_port",
        "29731",
        "-m",
        "mmlle",
    ]

    def enhance(*arguments):
        command_line = [sys.executable, *command, "enhance", *arguments, "-o", "out", *MODEL]
        return subprocess.run(command_line, env=environment, capture_output=True, text=True)

    run = enhance("in")
    assert run.returncode == 1
    done = [name for name in names if name not in ("3.png", "4.png")]
    assert workspace.files("out") == [*done, "a.mp4", "b.mp4", "c.mp4"]
    assert run.stdout.count("8 of 10 images and films enhanced: out") == 1
    assert run.stdout.count("enhanced:") == 1
    for name in ("3.png", "4.png"):
        assert run.stderr.count(f"Cannot read the image in/{name}") == 1
    alone = LowLightInferencer("config.py", "weights.pth", "cpu")
    assert np.array_equal(read_image("out/5.png"), alone("in/5.png"))
    run = enhance("in/0.png", "in/1.png", "--skip-existing")
    assert (run.returncode, run.stdout) == (0, "0 of 2 images enhanced: out; 2 were there already\n")


def test_a_photograph_keeps_its_depth_and_its_alpha(workspace):
    pixels = (np.arange(20 * 30 * 4).reshape(20, 30, 4) * 13).astype(np.uint16)
    Path("in").mkdir()
    cv2.imwrite("in/x.png", pixels)
    main(["in", "-o", "out", *MODEL])
    result = cv2.imread("out/x.png", cv2.IMREAD_UNCHANGED)
    assert (result.dtype, result.shape) == (np.uint16, (20, 30, 4))
    assert np.array_equal(result[..., 3], pixels[..., 3])


def test_the_quality_of_a_jpeg(workspace):
    write_images("in", ["x.jpg"], size=(64, 64))
    sizes = []
    for quality in ("10", "95"):
        main(["in", "-o", quality, "--quality", quality, *MODEL])
        sizes.append(Path(quality, "x.jpg").stat().st_size)
    assert 2 * sizes[0] < sizes[1]


def films(count, level=0.1, size=(48, 64)):
    return [np.full((*size, 3), level + index / 500, np.float32) for index in range(count)]


def test_films_and_photographs_of_a_folder(workspace, stopped, capsys):
    write_images("in", ["a.png", "n/b.jpg"])
    write_film("in/x.mp4", films(6), sound=True)
    write_film("in/n/y.mov", films(4), codec="prores_ks", pixel_format="yuv422p10le").rename("in/n/y.avi")
    Path("in/z.mp4").write_bytes(b"text")
    command = ["in", "-o", "out", "--suffix", "_bright", *MODEL]
    message = stopped(main, command)
    assert message.startswith("Cannot read the film in/z.mp4: ")
    assert workspace.files("out") == ["a_bright.png", "n/b_bright.jpg", "n/y_bright.mkv", "x_bright.mp4"]
    captured = capsys.readouterr()
    assert captured.out.endswith("4 of 5 images and films enhanced: out\n")
    assert "in/x.mp4" in captured.err
    assert "frame/s" in captured.err
    times, pictures = read_film("out/x_bright.mp4")
    assert len(times) == 6
    enhancer = LowLightInferencer("config.py", "weights.pth", "cpu")
    expected = enhancer.film_look()(films(1)[0], 0.0)
    assert np.abs(pictures[0] - 255.0 * expected).max() < 4
    assert np.abs(pictures[0] - 255.0 * 0.1).min() > 2  # it was enhanced
    Path("in/z.mp4").unlink()
    main([*command, "--skip-existing"])
    assert capsys.readouterr().out.endswith("0 of 4 images and films enhanced: out; 4 were there already\n")


def test_a_film_into_a_film(workspace, stopped):
    write_film("x.mp4", films(3))
    main(["x.mp4", "-o", "new/y.webm", "--strength", "1", *MODEL])
    assert len(read_film("new/y.webm")[0]) == 3
    assert ".mkv" in stopped(main, ["x.mp4", "-o", "y.png", *MODEL])
    assert "Standard input and output" in stopped(main, ["x.mp4", "-o", "-", *MODEL])
    assert "quality must be" in stopped(main, ["x.mp4", "-o", "z.mp4", "--quality", "101", *MODEL])
    assert workspace.files("new") == ["y.webm"]


def test_ctrl_c_leaves_the_beginning_of_a_film(tmp_path):
    write_film(tmp_path / "x.mp4", films(60))
    process = quick("x.mp4", "-o", "out/y.mp4", pause=0.05, cwd=tmp_path)
    wait_for(lambda: any((tmp_path / "out").glob(".writing*")))
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    output, errors = (text.decode() for text in process.communicate(timeout=60))
    assert process.returncode == 130
    assert output.endswith("0 of 1 films enhanced: out/y.mp4\n")
    assert os.listdir(tmp_path / "out") == ["y.partial.mp4"]
    count = len(read_film(tmp_path / "out/y.partial.mp4")[0])
    assert 1 <= count < 60
    assert errors.splitlines()[-2] == f"The first {count} pictures are in out/y.partial.mp4."
    assert errors.splitlines()[-1] == "Interrupted: 1 films not done; go on with --skip-existing."
    assert "Traceback" not in errors


@pytest.mark.slow
def test_killed_20_times_no_film_is_half_and_the_rest_can_be_finished(tmp_path):
    names = [f"{i}.mp4" for i in range(6)]
    for name in names:
        write_film(tmp_path / "in" / name, films(40))
    random = np.random.default_rng(0)
    counts = []
    for _ in range(20):
        process = quick("in", "-o", "out", "--skip-existing", pause=0.01, cwd=tmp_path)
        process.stdout.readline()  # the films are begun now
        time.sleep(random.uniform(0, 0.8))
        process.kill()
        process.communicate()
        written = list((tmp_path / "out").glob("[!.]*"))
        assert all(len(read_film(path)[0]) == 40 for path in written)
        counts.append(len(written))
    assert counts[-1] > 0
    process = quick("in", "-o", "out", "--skip-existing", cwd=tmp_path)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert sorted(os.listdir(tmp_path / "out")) == names
