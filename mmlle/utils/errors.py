__all__ = ["ImageSizeError", "UserError"]


class UserError(Exception):
    """Something that the user of a command can fix: commands print the message alone, no traceback.

    An error of this kind says what was wrong, what was found and what to do.
    """


class ImageSizeError(UserError, ValueError):
    """Images of sizes that cannot be used together, or at all."""
