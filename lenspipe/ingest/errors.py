"""Why one object is left out; the others go on."""


class CutoutError(Exception):
    """An object that cannot become a cutout. Its text is the reason in one line: what, where, what to do."""
