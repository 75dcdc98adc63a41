"""The exception whose text is written for the user."""


class InputError(Exception):
    """An error in the user's input: a setting, a file, a folder.

    The command line prints its text and exits with status 2.

    Parameters
    ----------
    text : str
        One line: what, where, what to do. Characters that would break the line or cannot be printed are escaped.
    """

    def __init__(self, text):
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))
