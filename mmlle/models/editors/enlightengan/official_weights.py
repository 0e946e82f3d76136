from ...utils.official_weights import OfficialWeights
from .enlightengan_generator import EnlightenGANGenerator

__all__ = ["OFFICIAL"]

OFFICIAL = OfficialWeights(
    EnlightenGANGenerator,
    [
        (r"^bn(\d)_(\d)", r"norm\1_\2"),
        # Levels 1 to 5 go down, 6 to 9 up again; what enlarges into level N is numbered N - 1.
        *((rf"^(conv|norm){level}_(\d)", rf"down.{level - 1}.\1\2") for level in range(1, 6)),
        *((rf"^(conv|norm){level}_(\d)", rf"merge.{level - 6}.\1\2") for level in range(6, 10)),
        *((rf"^deconv{level}", f"up.{level - 5}") for level in range(5, 9)),
        (r"^conv10", "residual"),
    ],
)
