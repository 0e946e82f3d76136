"""The page: in a browser that is installed already, and what its handlers do, without one."""

import os
import shutil
import tempfile
import zipfile

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="needs the extra app")

import gradio as gr
from test_media.photographs import exif

from mmlle.app.page import _in_words, _open, _saving, _show, build_page
from mmlle.app.settings import SETTINGS, values_of
from mmlle.look import Look
from mmlle.media.photograph_reading import read_photograph
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

LOOK = values_of(Look())


def save(path, height=300, width=400):
    Image.fromarray(dark_image(height, width)[..., ::-1]).save(path, exif=b"Exif\0\0" + exif(6))
    return path


class TestHandlers:
    def test_photographs_that_cannot_be_used_are_left_out_and_named(self, darkroom, tmp_path):
        good, large, bad = save(tmp_path / "a.jpg"), save(tmp_path / "b.jpg", 1000, 1100), tmp_path / "c.<i>"
        bad.write_bytes(b"text")
        told = []
        kept, choices, messages, *_ = _open(
            darkroom, [str(good), str(large), str(bad), str(good)], lambda *step, **words: told.append(words)
        )
        assert [file["orig_name"] for file in kept.value] == ["a.jpg"]
        assert choices.choices == [("a.jpg", "0")]
        assert messages.count("<li>") == 3
        assert "b.jpg: 1000x1100 px" in messages
        assert "c.&lt;i&gt;: it is not an image" in messages
        assert "a.jpg was left out: 3 files at a time are the limit." in messages
        assert [words["desc"] for words in told] == ["Reading a.jpg", "Reading b.jpg", "Reading c.<i>"]
        assert not bad.exists()

    def test_the_photograph_that_was_chosen_is_shown(self, darkroom, tmp_path):
        paths = [str(save(tmp_path / name)) for name in ("a.jpg", "b.jpg")]
        comparison, histogram, _ = _show(darkroom, "1", paths, "gamma", *LOOK)
        assert 'alt="b.jpg after"' in comparison.value
        assert "<svg" in histogram
        # A list that has become shorter meanwhile.
        comparison, _, _ = _show(darkroom, "1", paths[:1], "gamma", *LOOK)
        assert 'alt="a.jpg after"' in comparison.value

    def test_without_a_photograph_nothing_is_shown(self, darkroom):
        comparison, histogram, _ = _show(darkroom, None, None, "gamma", *LOOK)
        assert comparison.visible is False
        assert histogram == ""

    def test_if_nothing_can_be_saved_the_reason_is_an_error(self, darkroom, tmp_path):
        gone = str(tmp_path / "gone.jpg")
        with pytest.raises(UserError, match=r"gone\.jpg is not here any more"):
            _saving(darkroom, False)(lambda *_, **__: None, "0", [gone], "gamma", *LOOK)
        with pytest.raises(UserError, match="no photograph yet"):
            _saving(darkroom, True)(lambda *_, **__: None, None, None, "gamma", *LOOK)

    def test_every_error_is_words(self, capsys):
        def fail(error):
            raise error

        with pytest.raises(gr.Error) as caught:
            _in_words(fail)(UserError("Take <another> one."))
        assert caught.value.message == "Take &lt;another&gt; one."
        assert capsys.readouterr().err == ""
        with pytest.raises(gr.Error, match="not enough memory"):
            _in_words(fail)(MemoryError())
        with pytest.raises(gr.Error, match=r"ZeroDivisionError at .* Please report this fault of mmlle"):
            _in_words(fail)(ZeroDivisionError("x"))
        assert "Traceback" in capsys.readouterr().err

    def test_the_page_starts_with_the_look_of_its_first_method(self, darkroom, monkeypatch):
        monkeypatch.setattr(darkroom.methods["gamma"].inferencer, "look", Look(exposure=0.5, denoise="off"))
        blocks = {block.elem_id: block for block in build_page(darkroom).blocks.values() if block.elem_id}
        assert (blocks["exposure"].value, blocks["exposure-number"].value) == ("number", 0.5)
        assert blocks["exposure-number"].visible
        assert blocks["denoise"].value == "off"
        assert not blocks["denoise-number"].visible


@pytest.fixture(scope="module")
def browser():
    """Chromium, where it is installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        pytest.skip(f"none of {', '.join(names)} is installed")
    # Chromium puts a socket into its temporary folder, whose path may have about 100 characters.
    with playwright.sync_playwright() as started, tempfile.TemporaryDirectory(dir="/tmp") as short:
        # Containers seldom allow the sandbox, and shared memory is small there.
        browser = started.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env=dict(os.environ, TMPDIR=short),
        )
        yield browser
        browser.close()


class Visit:
    """A visit to the page, which keeps the addresses of all requests and what went wrong in scripts."""

    def __init__(self, browser, url):
        self.url = url
        self.page = browser.new_page(viewport=dict(width=1300, height=900))
        self.page.set_default_timeout(60_000)
        self.requests, self.faults = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(url)
        self.page.wait_for_selector("#photographs input[type=file]", state="attached")

    def drop(self, *paths):
        """Drop files as from a file manager."""
        transfer = self.page.evaluate_handle("() => new DataTransfer()")
        for path in paths:
            self.page.evaluate(
                "([transfer, bytes, name]) => transfer.items.add(new File([new Uint8Array(bytes)], name))",
                [transfer, list(path.read_bytes()), path.name],
            )
        self.page.dispatch_event("#photographs button", "drop", dict(dataTransfer=transfer))

    def wait_for_picture(self, name):
        self.page.wait_for_selector(f'.comparison img.after[alt="{name} after"]')
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.comparison img')].every(image => image.complete)"
        )

    def mean(self, part="after"):
        """Mean of the channels of a picture as the browser has it, 0 to 1."""
        return self.page.evaluate(
            """name => {
                const image = document.querySelector(name);
                const canvas = Object.assign(document.createElement('canvas'), {width: 50, height: 50});
                const context = canvas.getContext('2d');
                context.drawImage(image, 0, 0, 50, 50);
                const data = context.getImageData(0, 0, 50, 50).data;
                let sum = 0;
                for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
                return sum / 50 / 50 / 3 / 255;
            }""",
            f".comparison img.{part}",
        )

    def histogram(self):
        """What the histogram says of itself."""
        return self.page.locator("#histogram svg").get_attribute("aria-label")

    def download(self, button, folder):
        with self.page.expect_download() as started:
            self.page.click(button)
        path = folder / started.value.suggested_filename
        started.value.save_as(path)
        return path

    def close(self):
        self.page.close()
        foreign = {url for url in self.requests if not url.startswith((self.url, "data:", "blob:"))}
        assert foreign == set()
        assert self.faults == []


@pytest.fixture
def visit(browser, url):
    visit = Visit(browser, url)
    yield visit
    visit.close()


@pytest.mark.slow
class TestInABrowser:
    def test_drop_compare_and_download(self, visit, tmp_path):
        path = save(tmp_path / "night.jpg")
        visit.drop(path)
        visit.wait_for_picture("night.jpg")
        assert visit.mean("before") == pytest.approx(dark_image(300, 400).mean() / 255, abs=0.01)
        assert visit.mean() > 1.5 * visit.mean("before")

        # The divider by mouse and by keyboard.
        def shown():
            return visit.page.evaluate(
                "() => getComputedStyle(document.querySelector('#comparison')).getPropertyValue('--divider')"
            )

        box = visit.page.locator(".comparison").bounding_box()
        middle = box["y"] + box["height"] / 2
        visit.page.mouse.move(box["x"] + box["width"] / 2, middle)
        visit.page.mouse.down()
        visit.page.mouse.move(box["x"] + box["width"] / 4, middle, steps=4)
        visit.page.mouse.up()
        assert float(shown()) == pytest.approx(25, abs=1)
        before = float(shown())
        visit.page.keyboard.press("ArrowRight")
        assert float(shown()) == before + 0.5
        clip = visit.page.evaluate("() => getComputedStyle(document.querySelector('.after')).clipPath")
        assert clip.startswith("inset(")

        result = read_photograph(visit.download("#save", tmp_path / "out"))
        assert result.pixels.shape == (400, 300, 3)
        assert b"Tiny Cameras" in result.exif
        assert result.format == "JPEG"
        assert result.pixels.mean() > 1.5 * read_photograph(path).pixels.mean()

    def test_live_changes_keep_the_divider(self, visit, tmp_path):
        visit.drop(save(tmp_path / "night.jpg"))
        visit.wait_for_picture("night.jpg")
        automatic, told = visit.mean(), visit.histogram()
        visit.page.locator(".comparison input").fill("80")
        visit.page.locator("#exposure").get_by_label("Set").check()
        slider = visit.page.get_by_role("slider", name="Mean brightness to reach")
        slider.wait_for()
        slider.focus()
        visit.page.keyboard.press("Home")
        visit.page.wait_for_function(
            "told => document.querySelector('#histogram svg').ariaLabel !== told", arg=told
        )
        visit.wait_for_picture("night.jpg")
        assert visit.mean() < automatic - 0.1
        assert visit.page.locator(".comparison input").input_value() == "80"
        visit.page.click("#reset")
        visit.page.wait_for_function(
            "told => document.querySelector('#histogram svg').ariaLabel === told", arg=told
        )
        visit.wait_for_picture("night.jpg")
        assert visit.mean() == pytest.approx(automatic, abs=0.005)

    def test_several_come_as_a_zip_file_and_a_bad_one_is_named(self, visit, tmp_path):
        bad, large = tmp_path / "notes.jpg", save(tmp_path / "large.jpg", 1000, 1001)
        bad.write_bytes(b"Dear diary")
        visit.drop(save(tmp_path / "a.jpg"), save(tmp_path / "b.jpg", 200, 200), bad)
        visit.wait_for_picture("a.jpg")
        words = visit.page.inner_text("#messages")
        assert "Cannot read the image notes.jpg: it is not an image" in words
        with zipfile.ZipFile(visit.download("#save-all", tmp_path / "out")) as archive:
            assert sorted(archive.namelist()) == ["a.jpg", "b.jpg"]
            assert b"Tiny Cameras" in archive.read("b.jpg")
        visit.page.get_by_role("button", name="Clear").click()
        visit.page.wait_for_selector(".comparison", state="detached")
        visit.drop(large)
        visit.page.wait_for_function(
            "() => document.querySelector('#messages').innerText.includes('limit of 1,000,000 pixels')"
        )

    def test_a_file_of_too_many_bytes_is_named(self, visit, tmp_path):
        path = tmp_path / "noise.png"
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (500, 500, 3), np.uint8)).save(path)
        assert path.stat().st_size > 500_000
        visit.drop(path)
        words = visit.page.get_by_text("maximum allowed size")
        words.first.wait_for()

    def test_super_resolution_has_no_look(self, visit, tmp_path):
        visit.drop(save(tmp_path / "night.jpg", 100, 100))
        visit.wait_for_picture("night.jpg")
        visit.page.get_by_label("Method", exact=True).click()
        visit.page.get_by_role("option", name="enhancenet (enlarges)").click()
        visit.page.locator("#exposure").wait_for(state="hidden")
        assert read_photograph(visit.download("#save", tmp_path / "out")).pixels.shape == (400, 400, 3)

    def test_every_control_has_a_name_and_every_picture_a_text(self, visit, tmp_path):
        visit.drop(save(tmp_path / "a.jpg"), save(tmp_path / "b.jpg"))
        visit.wait_for_picture("a.jpg")
        visit.page.click("#more button")
        for setting in SETTINGS:
            group = visit.page.get_by_role("radiogroup", name=setting.label, exact=True)
            group.wait_for()
            if setting.number:
                group.get_by_label("Set").check()
                visit.page.get_by_role("slider", name=setting.number).wait_for()
        unnamed = visit.page.evaluate(
            """() => [...document.querySelectorAll('input, button, select, textarea, img, a[href]')]
                .filter(element => element.checkVisibility() && !(
                    element.ariaLabel || element.alt || element.title || element.labels?.[0]?.innerText.trim()
                    || element.innerText?.trim()
                )).map(element => element.outerHTML)"""
        )
        assert unnamed == []
        assert visit.page.locator("[aria-label^='common.']").count() == 0
        assert visit.page.locator("#messages").get_attribute("aria-live") == "polite"
        assert visit.page.locator("html").get_attribute("lang")

    def test_it_can_be_used_by_keyboard_alone(self, visit, tmp_path):
        visit.drop(save(tmp_path / "night.jpg"))
        visit.wait_for_picture("night.jpg")
        visit.page.evaluate("() => document.activeElement.blur()")
        reached = set()
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            reached |= set(
                visit.page.evaluate(
                    """() => {
                        const ids = [];
                        for (let at = document.activeElement; at; at = at.parentElement) ids.push(at.id);
                        return ids;
                    }"""
                )
            )
        assert {"comparison", "photographs", "method", "exposure", "more", "reset", "save"} <= reached


@pytest.mark.slow
def test_40_megapixels_in_a_browser(browser, roomy_url, tmp_path):
    tile = dark_image(500, 500)[..., ::-1]
    path = tmp_path / "large.jpg"
    Image.fromarray(np.tile(tile, (10, 16, 1))).save(path, exif=b"Exif\0\0" + exif(1))
    visit = Visit(browser, roomy_url)
    visit.page.set_default_timeout(300_000)
    visit.page.set_input_files("#photographs input[type=file]", path)
    visit.wait_for_picture("large.jpg")
    width = visit.page.evaluate("() => document.querySelector('.after').naturalWidth")
    assert width == 1280
    with Image.open(visit.download("#save", tmp_path / "out")) as result:
        assert result.size == (8000, 5000)
        assert b"Tiny Cameras" in result.info["exif"]
    visit.close()
