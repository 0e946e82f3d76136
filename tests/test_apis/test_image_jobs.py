import os
from pathlib import Path

import pytest

from mmlle.apis.image_jobs import ImageJob, plan_jobs
from mmlle.testing import write_images
from mmlle.utils.errors import UserError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_images("in", ["a.png", "n/b.jpg", "n/m/c.PNG"], size=(4, 4))
    return tmp_path


def planned(*inputs, out="out", suffix=""):
    """Results by their images."""
    return {str(s): str(r) for s, r in plan_jobs(inputs, out, suffix).jobs}


class TestInputs:
    def test_a_folder_keeps_its_structure(self):
        assert planned("in") == {
            "in/a.png": "out/a.png",
            "in/n/b.jpg": "out/n/b.jpg",
            "in/n/m/c.PNG": "out/n/m/c.PNG",
        }

    def test_files_go_side_by_side(self):
        assert planned("in/n/b.jpg", Path("in/a.png")) == {"in/n/b.jpg": "out/b.jpg", "in/a.png": "out/a.png"}

    @pytest.mark.parametrize(
        ("pattern", "results"),
        [
            ("in/*.png", ["a.png"]),
            ("in/*", ["a.png", "n/b.jpg", "n/m/c.PNG"]),
            ("in/**/*.jpg", ["n/b.jpg"]),
            ("in/**", ["a.png", "n/b.jpg", "n/m/c.PNG"]),
            ("*/n/?.jpg", ["in/n/b.jpg"]),
            ("in/n/[a-c].*", ["b.jpg"]),
        ],
    )
    def test_results_of_a_pattern_lie_as_below_its_fixed_part(self, pattern, results):
        Path("in/notes.txt").write_text("no image")
        assert sorted(planned(pattern).values()) == sorted(f"out/{name}" for name in results)

    def test_a_file_whose_name_looks_like_a_pattern_is_that_file(self):
        write_images("in", ["[a].png"], size=(4, 4))
        assert planned("in/[a].png", out="out/") == {"in/[a].png": "out/[a].png"}

    def test_links_in_a_circle_end(self, folder):
        (folder / "in/n/up").symlink_to(folder / "in")
        assert len(planned("in")) == 3

    @pytest.mark.parametrize("missing", ["gone.png", "gone/*.png", "empty"])
    def test_nothing_there(self, folder, missing):
        Path("empty").mkdir()
        with pytest.raises(UserError, match=f"There is no image at {missing[:5]}.*looked for from {folder}"):
            plan_jobs(["in", missing], "out")

    def test_an_unreadable_folder_is_named_and_the_others_done(self, monkeypatch):
        unreadable(monkeypatch, "in/n")
        plan = plan_jobs(["in"], "out")
        assert [str(job.source) for job in plan.jobs] == ["in/a.png"]
        assert [f.reason for f in plan.failures] == ["Cannot read the folder in/n: Permission denied."]

    def test_an_unreadable_folder_is_not_called_empty(self, monkeypatch):
        unreadable(monkeypatch, "in")
        with pytest.raises(UserError, match="Cannot read the folder in: Permission denied"):
            plan_jobs(["in"], "out")


def unreadable(monkeypatch, folder):
    """Make a folder unreadable, for root too."""
    scandir = os.scandir

    def refuse(path):
        if path == folder:
            raise PermissionError(13, "Permission denied", folder)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


class TestResults:
    @pytest.mark.parametrize("out", ["new/x.jpg", "x.TIFF"])
    def test_one_image_into_a_file(self, out):
        assert planned("in/a.png", out=out) == {"in/a.png": out}

    @pytest.mark.parametrize("out", ["out", "out.d/", "there.png"])
    def test_one_image_into_a_folder(self, out):
        Path("there.png").mkdir()
        assert planned("in/a.png", out=out) == {"in/a.png": str(Path(out, "a.png"))}

    def test_an_ending_that_cannot_be_written_is_no_folder(self):
        with pytest.raises(UserError, match=r"Cannot write x\.foo: '\.foo' is not .*x\.foo/ for a folder"):
            plan_jobs(["in/a.png"], "x.foo")

    @pytest.mark.parametrize(
        ("inputs", "out"), [(["in/a.png", "in/n/b.jpg"], "two.jpg"), (["in"], "all.mp4")]
    )
    def test_a_file_name_is_no_folder_for_several(self, inputs, out):
        with pytest.raises(UserError, match=rf"{out} is one file for \d inputs: name {out}/ for a folder"):
            plan_jobs(inputs, out)
        assert not Path(out).exists()
        assert plan_jobs(inputs, f"{out}/").jobs

    def test_a_suffix_comes_before_the_ending(self):
        assert sorted(planned("in", suffix="_bright").values()) == [
            "out/a_bright.png",
            "out/n/b_bright.jpg",
            "out/n/m/c_bright.PNG",
        ]

    def test_results_of_an_earlier_run_are_not_enhanced_again(self):
        write_images("in", ["out/a.png", "out/n/b.jpg"], size=(4, 4))
        assert sorted(planned("in", out="in/out")) == ["in/a.png", "in/n/b.jpg", "in/n/m/c.PNG"]
        assert "in/out/a.png" not in planned("in/*", out="in/out")

    def test_nor_are_those_with_a_suffix(self):
        write_images("in", ["a_bright.png"], size=(4, 4))
        results = planned("in", out="in", suffix="_bright")
        assert results["in/a.png"] == "in/a_bright.png"
        assert "in/a_bright.png" not in results

    def test_an_image_that_is_named_is_never_replaced(self):
        write_images("in", ["a_bright.png"], size=(4, 4))
        with pytest.raises(UserError, match=r"in/a_bright\.png, or one is there already"):
            plan_jobs(["in/a.png", "in/a_bright.png"], "in", "_bright")

    @pytest.mark.parametrize("out", ["in", "./n/../in", "link"])
    def test_no_result_replaces_its_image(self, folder, out):
        (folder / "n").mkdir()
        (folder / "link").symlink_to("in")
        with pytest.raises(UserError, match="Choose another folder for the results, a suffix"):
            plan_jobs(["in"], out)

    def test_two_images_with_one_result(self):
        write_images("other", ["a.png"], size=(4, 4))
        with pytest.raises(UserError, match=r"Two images would be written to out/a\.png"):
            plan_jobs(["in", "other"], "out")

    @pytest.mark.parametrize("out", ["file", "file/deeper"])
    def test_an_output_that_is_a_file(self, out):
        Path("file").write_bytes(b"")
        with pytest.raises(UserError, match=f"The results cannot go to {out}: file is not a folder"):
            plan_jobs(["in"], out)

    def test_a_read_only_output(self, monkeypatch):
        Path("out").mkdir()
        monkeypatch.setattr(os, "access", lambda path, mode: str(path) != "out")
        with pytest.raises(UserError, match="The results cannot go to out/deeper: out is read-only"):
            plan_jobs(["in"], "out/deeper")

    def test_what_a_killed_run_left_half_written_is_removed(self, folder):
        for name in ("out", "out/n", "out/else"):
            (folder / name).mkdir()
            (folder / name / ".writing-0123.tmp").write_bytes(b"half")
        plan_jobs(["in"], "out")
        left = [str(path.relative_to(folder)) for path in folder.rglob(".writing*")]
        assert left == ["out/else/.writing-0123.tmp"]


def test_a_job_is_a_pair():
    assert plan_jobs(["in/a.png"], "x.png").jobs == [ImageJob(Path("in/a.png"), Path("x.png"))]
