"""The error that refuses one object and lets the others continue."""


class CutoutError(Exception):
    """An object that cannot become a cutout. Its text is the reason in one line: what, where, what to do."""
