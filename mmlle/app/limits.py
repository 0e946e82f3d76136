from dataclasses import dataclass

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
    """

    megapixels: float = 50
    file_megabytes: float = 200
    files: int = 20
    total_megabytes: float = 4000
    minutes: float = 60
    waiting: int = 32

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
