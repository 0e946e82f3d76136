from dataclasses import asdict, dataclass

from mmlle.utils.errors import UserError

__all__ = ["Limits"]

MEGA = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What the page takes at most; more is refused in words.

    Args:
        megapixels: Of a photograph, and of a result that is enlarged.
        file_megabytes: Of a file.
        files: Files at a time.
        total_megabytes: Of all files, those of other users included, that are kept for a while.
        minutes: How long a file is kept after its last use.
        waiting: Requests that wait for their turn.

    Raises:
        UserError: If a limit is not above 0.
    """

    megapixels: float = 50
    file_megabytes: float = 200
    files: int = 20
    total_megabytes: float = 4000
    minutes: float = 60
    waiting: int = 32

    def __post_init__(self) -> None:
        """Check the limits."""
        for name, value in asdict(self).items():
            if not value > 0:
                raise UserError(f"The limit of {name.replace('_', ' ')} must be above 0, got {value:g}.")

    @property
    def pixels(self) -> int:
        """Most pixels of a photograph."""
        return round(self.megapixels * MEGA)

    @property
    def file_bytes(self) -> int:
        """Most bytes of a file."""
        return round(self.file_megabytes * MEGA)

    @property
    def total_bytes(self) -> int:
        """Most bytes of all files."""
        return round(self.total_megabytes * MEGA)
