import subprocess
import sys

import numpy as np
import pytest

from mmlle.look import Look
from mmlle.media.color import rgb_luma
from mmlle.utils.errors import UserError


def gamma(images, strengths):
    return images ** (1 - 0.5 * strengths)


def photograph(low=0.02, high=0.3, seed=0, noise=0.0):
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:60, 0:80] / 80
    colours = np.stack([rows + columns, rows, columns], axis=-1)
    image = low + (high - low) * colours / colours.max() + rng.normal(0, noise, colours.shape)
    return image.clip(0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        (dict(exposure=0.2), "exposure must be auto or as-trained or a number from 0.3 to 0.6, got 0.2"),
        (dict(exposure="bright"), "exposure"),
        (dict(shadows=0.7), "shadows"),
        (dict(strength=1.7), "strength must be a number from 0 to 1.6, got 1.7"),
        (dict(strength=float("nan")), "strength"),
        (dict(denoise="on"), "denoise"),
        (dict(saturation="more"), "saturation must be keep or as-is, got 'more'"),
    ],
)
def test_wrong_settings_are_named_with_what_is_allowed(settings, fact):
    with pytest.raises(UserError, match=fact):
        Look(**settings)


def test_settings_by_name():
    assert Look.from_settings(dict(exposure=0.4, denoise="off"), dict(exposure=np.float32(0.5))) == Look(
        exposure=0.5, denoise="off"
    )
    with pytest.raises(UserError, match="no setting 'contrast', only exposure, shadows"):
        Look.from_settings(dict(contrast=1))
    with pytest.raises(UserError, match=r"settings by name \(exposure, .*, got 'auto'"):
        Look.from_settings("auto")


def test_as_trained_is_the_method_and_nothing_else():
    image = photograph(noise=0.05)
    calls = []

    def keep(images, strengths):
        calls.append(strengths)
        return gamma(images, strengths)

    result = Look.as_trained().apply(image, keep)
    np.testing.assert_allclose(result, gamma(image, 1.0), atol=1e-6)
    assert [call.tolist() for call in calls] == [[[[[1.0]]]]]


def test_a_strength_of_zero_is_the_input():
    image = photograph()
    assert np.array_equal(Look(strength=0).apply(image, gamma), image)


def test_the_default_brightens_to_the_target():
    result = Look(shadows="off").apply(photograph(), gamma)
    assert rgb_luma(result).mean() == pytest.approx(0.47, abs=0.02)


def test_what_is_not_brightened_is_not_denoised():
    image = photograph(0.02, 0.08)
    image[:, 40:] = photograph(0.62, 0.9)[:, 40:]
    result = Look(denoise=10).apply(image, gamma)
    assert np.abs(result[:, :30] - image[:, :30]).min() > 0.02
    np.testing.assert_allclose(result[:, 60:], image[:, 60:], atol=0.01)


def test_a_photograph_that_is_bright_enough_comes_out_as_it_is():
    image = photograph(0.5, 0.9)
    assert np.array_equal(Look().apply(image, gamma), image)


def test_automatic_shadows_follow_a_lower_exposure():
    image = photograph(0.02, 0.2)
    image[:, 40:] = 0.8
    looks = [Look(exposure=e) for e in (0.3, 0.4, 0.47)] + [Look(exposure=0.3, shadows=0.32)]
    low, middle, high, asked = (look.apply(image, gamma)[:, 5:30].mean() for look in looks)
    assert low < middle < high
    assert asked == pytest.approx(high, abs=0.02)


def test_only_what_is_automatic_trusts_the_method():
    image = np.full((40, 60, 3), 0.01, np.float32)

    def strengths(**settings):
        plan = Look(trust=1, **settings).plan(image, gamma)
        return [value < 1.1 for value in (plan.overall, plan.shadows)]  # 1.6 is what it takes

    assert strengths() == [True, True]
    assert strengths(exposure=0.47) == [False, True]
    assert strengths(shadows=0.32) == [True, False]


def test_exposure_and_shadows_are_targets():
    image = photograph(0.02, 0.2)
    levels = [rgb_luma(Look(exposure=e, shadows="off").apply(image, gamma)).mean() for e in (0.3, 0.4, 0.5)]
    assert levels == pytest.approx([0.3, 0.4, 0.5], abs=0.02)
    image[:, 40:] = 0.8
    dark = [Look(exposure=0.3, shadows=s).apply(image, gamma)[:, 5:30].mean() for s in ("off", 0.25, 0.35)]
    assert dark[0] < dark[1] < dark[2]


def test_noise_is_removed_unless_it_is_to_stay():
    image, clean = photograph(noise=0.02), photograph()
    as_is = Look(strength=1, denoise="off").apply(image, gamma)
    cleaned = Look(strength=1).apply(image, gamma)
    truth = Look(strength=1, denoise="off").apply(clean, gamma)
    assert np.abs(cleaned - truth).mean() < 0.7 * np.abs(as_is - truth).mean()


def test_values_between_8_bits_survive_the_denoising():
    image = photograph(noise=0.02)
    cleaned = 255 * Look(strength=1).apply(image, gamma)
    assert np.abs(cleaned - np.rint(cleaned)).mean() > 0.1


#: Reads, enhances and encodes a photograph, first a small one, and prints the bytes that a pixel more takes.
MEASURE = """
import io, re
from pathlib import Path
import numpy as np
from PIL import Image
from mmlle.look import Look
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import encode_photograph

def enhance(images, strengths):
    result = np.broadcast_to(images, (len(strengths), *images.shape[1:])).copy("K")
    for rows in np.split(np.arange(images.shape[2]), images.shape[2] // 64):
        result[..., rows, :] **= 1 - 0.5 * strengths[..., rows if strengths.shape[2] > 1 else slice(1), :]
    return result

def peak(height, width):
    samples = np.full((height, width, 3), 30, np.uint8)
    samples[: height // 4] = 200
    stream = io.BytesIO()
    Image.fromarray(samples).save(stream, "JPEG")
    del samples
    photograph = read_photograph(stream.getvalue())
    result = photograph.replaced(Look(denoise="off").apply(photograph.pixels, enhance))
    del photograph
    assert np.ptp(result.pixels) > 0.1
    encode_photograph(result, ".jpg")
    # Of this program; getrusage counts the process that started it as well.
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak(128, 192)
print((peak(3008, 4032) - before) / (3008 * 4032))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a program is told by Linux alone")
def test_a_photograph_takes_few_bytes_a_pixel():
    # 12 of the input, 12 of the result, 4 of the strengths; 16 were those of further copies.
    command = [sys.executable, "-c", MEASURE]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert 24 < float(result.stdout) < 36
