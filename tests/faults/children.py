"""Work in processes of its own, forked from one that has the libraries loaded, with limits of time and memory."""

import multiprocessing
import os
import resource
import sys
import tempfile
import traceback

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(
    ["lenspipe.cli", "lenspipe.ingest", "lenspipe.stages.predict", "lenspipe.stages.simulate"]
)
MEMORY = 16 << 30  # bytes of addresses, of which the libraries take a part
SECONDS = 240
LATE = -1  # status of a process that was ended for its time


def run(function, *arguments, seconds=SECONDS):
    """Status of a process that calls ``function``, and what it printed; ``LATE`` for one that took too long.

    The status is 0, that of the function's own exit, or 1 after an exception, whose traceback is printed.
    """
    with tempfile.NamedTemporaryFile("r", errors="replace") as printed:
        child = CHILDREN.Process(target=_call, args=(printed.name, function, arguments))
        child.start()
        child.join(seconds)
        if child.is_alive():
            child.kill()
            child.join()
            return LATE, printed.read()
        return child.exitcode, printed.read()


def _call(printed, function, arguments):
    with open(printed, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        function(*arguments)
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    else:
        status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
