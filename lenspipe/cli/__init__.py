"""The command line: arguments, logging, progress. Settings are taken apart here; science gets flat arguments."""

from lenspipe.cli._app import main

__all__ = ["main"]
