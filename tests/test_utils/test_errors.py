from mmlle.datasets.image_folder_dataset import MissingDataError
from mmlle.media.image_io import UnreadableImageError
from mmlle.models.data_preprocessor import ImageSizeError
from mmlle.models.utils import WeightsError
from mmlle.utils.checkpoint_io import DamagedCheckpointError
from mmlle.utils.errors import UserError


def test_errors_that_users_can_put_right_are_known_as_such_and_by_their_usual_kind():
    kinds = {
        DamagedCheckpointError: RuntimeError,
        ImageSizeError: ValueError,
        MissingDataError: FileNotFoundError,
        UnreadableImageError: ValueError,
        WeightsError: RuntimeError,
    }
    for error, kind in kinds.items():
        assert issubclass(error, UserError), error
        assert issubclass(error, kind), error
        assert str(error("what was wrong")) == "what was wrong"
