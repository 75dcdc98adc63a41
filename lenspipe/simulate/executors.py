"""Executors: this process, new worker processes, or an existing dask cluster."""

import logging
from contextlib import contextmanager

from lenspipe.errors import InputError
from lenspipe.simulate.worker_processes import WorkerProcesses
from lenspipe.store import read_json

log = logging.getLogger("lenspipe")
PATIENCE = 15  # seconds to wait for a scheduler and its first worker


@contextmanager
def in_this_process():
    """Yield a callable that does tasks one by one and yields (index, result)."""
    yield lambda function, arguments: ((i, function(*args)) for i, args in enumerate(arguments))


@contextmanager
def in_new_processes(workers):
    """Yield a callable that distributes tasks over ``workers`` (int) new processes; as ``in_this_process`` otherwise.

    Results come in the order in which tasks finish.
    """
    with WorkerProcesses(workers) as processes:
        yield processes.run


@contextmanager
def in_a_cluster(scheduler, same_everywhere):
    """Yield a callable that distributes tasks over an existing dask cluster; as ``in_this_process`` otherwise.

    Results come in the order in which tasks finish.

    Parameters
    ----------
    scheduler : str
        tcp://host:port, or the path of a scheduler file.
    same_everywhere : callable
        Returns code and library versions, which must be the same here and at every worker for identical pixels.

    Raises
    ------
    InputError
        If no scheduler answers, it has no worker, or a worker has other code.
    """
    from distributed import Client

    address = scheduler if "://" in scheduler else _address_in(scheduler)
    try:
        client = Client(address, timeout=PATIENCE)
    except Exception as error:  # a server other than dask can cause any exception
        raise InputError(
            f"{scheduler}: no dask scheduler answers ({type(error).__name__}); start the cluster or correct the address"
        ) from None
    with client:
        _check_workers(client, scheduler, same_everywhere)
        yield _as_finished(client)


def _address_in(scheduler_file):
    try:
        return read_json(scheduler_file)["address"]
    except OSError as error:
        raise InputError(
            f"{scheduler_file}: cannot be read ({error.strerror}); start the dask cluster or correct the path"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{scheduler_file}: is not a dask scheduler file; give the cluster's own file") from None


def _check_workers(client, scheduler, same_everywhere):
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise InputError(f"{scheduler}: the dask cluster has no worker; start some") from None
    local = same_everywhere()
    of_workers = client.run(same_everywhere, on_error="return")
    for worker, remote in of_workers.items():
        if remote != local:
            raise InputError(
                f"{worker}: this dask worker has other code or libraries, which would change pixels; "
                "start the workers from this environment"
            )
    log.info("dask cluster %s: %d workers, dashboard %s", scheduler, len(of_workers), client.dashboard_link or "none")


def _as_finished(client):
    from distributed import CancelledError, KilledWorker, as_completed

    def run(function, arguments):
        futures = {client.submit(function, *args, pure=False): i for i, args in enumerate(arguments)}
        try:
            for future, result in as_completed(futures, with_results=True):
                if isinstance(result, CancelledError):  # returned as a result if the scheduler is gone
                    raise result
                yield futures[future], result
                future.release()
        except CancelledError:
            raise InputError("dask: the scheduler was lost; start it and run again to resume") from None
        except KilledWorker:
            raise InputError(
                "dask: the same block killed several workers, most likely for lack of memory; give them more, or fewer "
                "--workers or a smaller --block, then run again to resume"
            ) from None

    return run
