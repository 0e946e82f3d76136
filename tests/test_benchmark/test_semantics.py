import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DefaultScope
from PIL import Image

from mmlle.benchmark.semantics import SegmentationScore, Segmentor, read_label_image
from mmlle.models.archs.segmentor import build_segmentor
from mmlle.testing import dark_image, tiny_segmentor
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError


class TestScore:
    def test_hand_computed(self):
        score = SegmentationScore(4)
        score.add(np.array([[0, 0], [1, 1]]), np.array([[0, 1], [1, 255]]))
        score.add(np.array([[2]]), np.array([[0]]))
        # Intersections 1, 1, 0; unions 3, 2, 1; class 3 does not occur; 2 of 4 pixels are right.
        assert score.summary() == pytest.approx(dict(mIoU=100 * (1 / 3 + 1 / 2 + 0) / 3, accuracy=50))

    def test_against_a_confusion_matrix(self):
        rng = np.random.default_rng(0)
        prediction, truth = rng.integers(0, 3, (2, 40, 50))
        score = SegmentationScore(3)
        score.add(prediction[:20], truth[:20])
        score.add(prediction[20:], truth[20:])
        matrix = np.zeros((3, 3))
        for one, other in zip(truth.ravel(), prediction.ravel(), strict=True):
            matrix[one, other] += 1
        diagonal = np.diag(matrix)
        iou = diagonal / (matrix.sum(0) + matrix.sum(1) - diagonal)
        expected = dict(mIoU=100 * iou.mean(), accuracy=100 * diagonal.sum() / matrix.sum())
        assert score.summary() == pytest.approx(expected)

    def test_nothing(self):
        score = SegmentationScore(2)
        score.add(np.array([[0]]), np.array([[255]]))
        assert all(np.isnan(value) for value in score.summary().values())


class TestSegmentor:
    @pytest.fixture
    def files(self, tmp_path):
        """A segmentor of random weights, its config and its checkpoint, which holds more than is needed."""
        model = tiny_segmentor(3)
        network = build_segmentor(model, seed=1).eval()
        pre = dict(type="SegDataPreProcessor", mean=[100] * 3, std=[50] * 3, bgr_to_rgb=True)
        pipeline = [dict(type="LoadImageFromFile"), dict(type="PackSegInputs")]
        config = dict(model=dict(model, data_preprocessor=pre), test_pipeline=pipeline)
        Config(config).dump(tmp_path / "config.py")
        state = network.state_dict() | {"auxiliary_head.bias": network.decode_head.conv_seg.bias}
        write_checkpoint(tmp_path / "weights.pth", state, {})
        return network, tmp_path / "config.py", tmp_path / "weights.pth"

    def test_it_predicts_what_the_network_does(self, files):
        import torch

        network, config, weights = files
        image = dark_image(32, 64)
        inputs = torch.from_numpy((image[..., ::-1].astype(np.float32) - 100) / 50).permute(2, 0, 1)[None]
        with torch.no_grad():
            logits = network.encode_decode(inputs, [dict(img_shape=(32, 64))])
        expected = logits.argmax(1)[0].numpy()
        assert len(np.unique(expected)) > 1
        with DefaultScope.overwrite_default_scope("mmlle"):
            segmentor = Segmentor(config, weights, "cpu")
            assert np.array_equal(segmentor(image), expected)
            assert DefaultScope.get_current_instance().scope_name == "mmlle"
        assert segmentor.num_classes == 3
        assert not segmentor.model.training

    def test_files_that_are_missing_or_something_else(self, files, tmp_path):
        _, config, weights = files
        with pytest.raises(UserError, match=r"no config .*gone\.py"):
            Segmentor(tmp_path / "gone.py", weights)
        with pytest.raises(UserError, match=r"gone\.pth.*Give --segmentor"):
            Segmentor(config, tmp_path / "gone.pth")
        (tmp_path / "other.py").write_text("model = dict(type='X')")
        with pytest.raises(UserError, match=r"other\.py is no config of MMSegmentation.*test_pipeline"):
            Segmentor(tmp_path / "other.py", weights)
        write_checkpoint(tmp_path / "other.pth", {}, {})
        with pytest.raises(UserError, match=r"other\.pth.* does not fit the segmentor"):
            Segmentor(config, tmp_path / "other.pth")


class TestLabels:
    def test_one_channel_or_a_palette(self, tmp_path):
        labels = np.array([[0, 1, 255]], np.uint8)
        Image.fromarray(labels).save(tmp_path / "grey.png")
        palette = Image.fromarray(labels, mode="P")
        palette.putpalette(range(256 * 3 // 3))
        palette.save(tmp_path / "palette.png")
        for name in ("grey.png", "palette.png"):
            assert np.array_equal(read_label_image(tmp_path / name, (1, 3), 2), labels)

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            (np.zeros((2, 3), np.uint8), "is 2x3 .*its image 4x3"),
            (np.full((4, 3), 7, np.uint8), "names the class 7, and the segmentor has 2"),
            (np.zeros((4, 3, 3), np.uint8), "mode RGB"),
            (np.zeros((4, 3), np.uint16), "mode I;16"),
        ],
    )
    def test_something_else(self, tmp_path, labels, message):
        cv2.imwrite(str(tmp_path / "a.png"), labels)
        with pytest.raises(UserError, match=message):
            read_label_image(tmp_path / "a.png", (4, 3), 2)
