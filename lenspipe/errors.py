"""The one exception that a user is meant to read."""


class InputError(Exception):
    """Something outside the code is wrong: a setting, a file, a folder.

    Its text is one line: what, where, what to do. The command line prints it and exits with status 2. Characters of
    users' names and files that would break the line, or cannot be printed, are shown escaped.
    """

    def __init__(self, text):
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))
