"""The ``lenspipe`` command; it reports errors in one line, with exit status 2."""

import errno
import os
import re
import sys

import typer

from lenspipe.cli import architectures, compare, cutouts, realism, stages, status, tools
from lenspipe.cli._processes import be_heard
from lenspipe.errors import InputError

app = typer.Typer(
    help="Simulate DES-like strong lenses, train networks to find and measure them, and diagnose where they fail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *stages.COMMANDS,
    compare.compare,
    realism.realism,
    architectures.search_architectures,
    architectures.compare_architectures,
    status.status,
    tools.verify,
    tools.config,
    tools.redraw,
    tools.check_sky,
    cutouts.ingest,
    cutouts.candidates,
    cutouts.stamps,
):
    app.command()(command)

# Errors of the system, not of the code: reported in one line, like wrong input.
SYSTEM_ERRORS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENOENT,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.ELOOP,
    errno.EFBIG,
    errno.EIO,
    errno.ESTALE,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EAGAIN,
}
FREE_SPACE = "free disk space and run again"
FREE_MEMORY = "use fewer workers or threads, a smaller batch_size, or close other programs, and run again"
WITHOUT_MEMORY = re.compile(
    "can't allocate|cannot allocate|out of memory|not enough memory|can't start new thread|failed to map segment", re.I
)
MORE_FILES = "raise the limit (ulimit -n) or close other programs, and run again"
REMEDY = {errno.ENOSPC: FREE_SPACE, errno.EDQUOT: FREE_SPACE, errno.EFBIG: FREE_SPACE}
REMEDY |= {errno.ENOMEM: FREE_MEMORY, errno.EAGAIN: FREE_MEMORY, errno.EMFILE: MORE_FILES, errno.ENFILE: MORE_FILES}


def main(arguments=None):
    """Run the command line; never returns."""
    try:
        sys.exit(app(args=arguments, standalone_mode=False) or 0)
    except KeyboardInterrupt:
        _fail("interrupted; run the same command to resume", status=130)
    except Exception as error:
        be_heard()
        line = line_about(error)
        if line is None:
            raise
        _fail(line)


def line_about(error):
    """What to tell the user about an exception, and what to do.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str or None
        One line; None for an error of the code.
    """
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError) and error.errno in SYSTEM_ERRORS:
        remedy = REMEDY.get(error.errno, "check the path and its permissions, then run again")
        return f"{error.filename or 'disk'}: {os.strerror(error.errno).lower()}; {remedy}"
    if any(isinstance(e, MemoryError) or WITHOUT_MEMORY.search(str(e)) for e in _chain(error)):
        return f"out of memory; {FREE_MEMORY}"
    if hasattr(error, "format_message"):  # only click's usage errors have one
        return f"{error.format_message().rstrip('.')}; see lenspipe --help"
    if store := _store_that_is_damaged(error):
        return f"{store}: a chunk cannot be decoded ({error}); write the store again"
    return None


def _chain(error):
    """The exception, and those that it was raised from or during, if they are of the system and not of the input."""
    while error is not None:
        if isinstance(error, MemoryError | RuntimeError | ImportError):
            yield error
        error = error.__cause__ or error.__context__


def _store_that_is_damaged(error):
    from lenspipe.store.checked import undecodable  # imports zarr

    return undecodable(error)


def _fail(message, status=2):
    print(f"lenspipe: {' '.join(str(message).split())}", file=sys.stderr)
    sys.exit(status)
