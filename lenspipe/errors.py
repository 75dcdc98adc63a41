"""The one exception that a user is meant to read."""


class InputError(Exception):
    """Something outside the code is wrong: a setting, a file, a folder.

    Its text is one line: what, where, what to do. The command line prints it and exits with status 2.
    """
