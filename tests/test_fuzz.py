"""Damaged images and configs: no crash, no hang, bounded memory, and one clear line for each."""

import copy
import io
import json
import random
import resource
import signal
import traceback
import warnings
from collections import Counter

import cv2
import numpy as np
import pytest
import tifffile
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DefaultScope
from PIL import Image
from tiny_training import end_of, start_process
from workspace import ROOT

from mmlle.apis.config_check import check_config
from mmlle.cli.errors import describe_building_error
from mmlle.media.image_io import UnreadableImageError, read_image
from mmlle.media.photograph_reading import read_photograph
from mmlle.registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

#: Seconds that one image or config may take, and memory in kB that all of them may take.
PATIENCE = 20
MEMORY = 2_000_000


def fuzz(tmp_path, try_one, count):
    """Try numbers below ``count`` in a process of their own; gives how often each outcome came.

    The process ends by a signal where one number crashes it or takes too long; the last line names it.
    """
    lines = tmp_path / "outcomes.jsonl"

    def run():
        warnings.simplefilter("ignore")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with lines.open("w", buffering=1) as file:
            for number in range(count):
                file.write(json.dumps(f"began {number}") + "\n")
                signal.alarm(PATIENCE)
                try:
                    outcome = try_one(number)
                except Exception:
                    outcome = f"FAULT at {number}: {traceback.format_exc(limit=-4)}"
                signal.alarm(0)
                file.write(json.dumps(outcome) + "\n")
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert taken < MEMORY, f"{taken} kB"

    status = end_of(start_process(run))
    outcomes = [json.loads(line) for line in lines.read_text().splitlines()]
    assert status == 0, outcomes[-1]
    return Counter(outcome for outcome in outcomes if not outcome.startswith("began"))


def faults(outcomes):
    return [outcome for outcome in outcomes if outcome.startswith("FAULT")]


def one_line(message, *facts):
    """A message, which must be one line of a length that is read, and hold the facts."""
    assert "\n" not in message
    assert len(message) < 1500
    assert all(fact in message for fact in facts)


# Images


def whole_images():
    """Files of all formats that are read, by their endings."""
    picture = dark_image(37, 41)
    image = Image.fromarray(picture[..., ::-1].copy())
    formats = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".bmp": "BMP", ".tif": "TIFF", ".gif": "GIF"}
    files = {}
    for suffix, name in {**formats, ".ppm": "PPM"}.items():
        stream = io.BytesIO()
        image.save(stream, name)
        files[suffix] = stream.getvalue()
    progressive = io.BytesIO()
    image.save(progressive, "JPEG", progressive=True, exif=Image.Exif().tobytes())
    files[".jpeg"] = progressive.getvalue()
    deep = picture.astype(np.uint16) * 257
    files[".deep.png"] = cv2.imencode(".png", deep)[1].tobytes()
    stream = io.BytesIO()
    tifffile.imwrite(stream, deep, photometric="rgb")
    files[".tiff"] = stream.getvalue()
    return files


def damaged(content, rng):
    """Cut, bits turned over, a piece left out, doubled, zeroed or of another file's beginning."""
    data = bytearray(content)
    kind = rng.randrange(6)
    at = rng.randrange(len(data))
    if kind == 0:
        return bytes(data[:at])
    if kind == 1:
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        for _ in range(rng.randrange(1, 6)):  # in the header, where sizes and offsets are
            data[rng.randrange(min(200, len(data)))] = rng.randrange(256)
    elif kind == 3:
        del data[at : at + rng.randrange(1, 100)]
    elif kind == 4:
        data[at : at + 100] = bytes(100)
    else:
        data[at:at] = rng.randbytes(50)
    return bytes(data)


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_damaged_images(tmp_path, count):
    """Every third one has the ending of another format."""
    files = whole_images()
    suffixes = sorted(files)

    def try_one(number):
        rng = random.Random(number)
        suffix = suffixes[number % len(suffixes)]
        content = damaged(files[suffix], rng)
        path = tmp_path / f"image{rng.choice(suffixes) if number % 3 == 0 else suffix}"
        path.write_bytes(content)
        read = 0
        for reader in (read_image, read_photograph):
            try:
                result = reader(path)
            except UnreadableImageError as error:
                one_line(str(error), str(path))
            else:
                pixels = result if reader is read_image else result.pixels
                assert np.isfinite(pixels).all()
                read += 1
        return f"read by {read} of 2"

    outcomes = fuzz(tmp_path, try_one, count)
    assert faults(outcomes) == []
    assert sum(outcomes.values()) == count
    # What is damaged in its pixels alone is still an image.
    assert min(outcomes["read by 0 of 2"], outcomes["read by 2 of 2"]) > count / 10


# Configs

CONFIGS = sorted((ROOT / "configs").rglob("*_sample.py"))
STAGES = ("train_dataloader", "train_cfg", "optim_wrapper", "val_dataloader", "val_cfg", "val_evaluator")
#: What stands in the place of a setting.
VALUES = ("text", "", None, -1, 0, 0.5, True, [], [1, "x"], {}, dict(type="Nothing"), dict(a=1), "\n", "ü")


def places(value, path=()):
    """All settings below a value: each with the keys that lead to it."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in children:
        yield (*path, key)
        if isinstance(each, (dict, list)):
            yield from places(each, (*path, key))


def mutate(settings, rng):
    """Delete, misspell or replace one to three settings."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        used = [
            place
            for place in places(settings)
            if place[0] in (*STAGES, "model", "default_hooks", "randomness")
        ]
        *parents, key = rng.choice(used)
        parent = settings
        for name in parents:
            parent = parent[name]
        kind = rng.randrange(3)
        if kind == 0:
            del parent[key]
        elif kind == 1 and isinstance(key, str):
            at = rng.randrange(len(key))
            parent[key[:at] + key[at + 1 :]] = parent.pop(key)
        else:
            parent[key] = copy.deepcopy(rng.choice(VALUES))


def build(config):
    """Build what costs little."""
    model = MODELS.build(config.model)
    build_optim_wrapper(model, config.optim_wrapper)
    for hook in (config.get("default_hooks") or {}).values():
        HOOKS.build(hook)
    for name in ("train_dataloader", "val_dataloader"):
        dataset = DATASETS.build({**config[name].dataset, "lazy_init": True})
        for step in dataset.pipeline.transforms:
            assert callable(step)
    for metric in config.val_evaluator:
        METRICS.build(metric)


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_damaged_configs(tmp_path, count, run_state):
    originals = [Config.fromfile(path).to_dict() for path in CONFIGS]
    assert TRANSFORMS.get("mmlle.LoadImage")

    def try_one(number):
        rng = random.Random(number)
        settings = copy.deepcopy(originals[number % len(originals)])
        mutate(settings, rng)
        config = Config(settings)
        try:
            check_config(config, ("model", *STAGES))
        except UserError as error:
            one_line(str(error))
            return "refused by the check"
        with DefaultScope.overwrite_default_scope("mmlle"):
            try:
                build(config)
            except UserError as error:
                one_line(str(error))
                return "refused when built"
            except Exception as error:
                message = describe_building_error(error)
                if message is None:
                    raise
                one_line(message)
                return "refused when built"
        return "built"

    outcomes = fuzz(tmp_path, try_one, count)
    assert faults(outcomes) == []
    assert sum(outcomes.values()) == count
    assert outcomes["refused by the check"] > count / 2
