"""The state of a run: which stages are done, partial, damaged, missing or running.

Only files are read. Whether a finished stage is out of date is decided by Snakemake (``cli._reruns``).
"""

from lenspipe.status.run_settings import trainings_of
from lenspipe.status.stages import look
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, RUNNING, STALE, StageState

__all__ = ["DAMAGED", "DONE", "MISSING", "PARTIAL", "RUNNING", "STALE", "StageState", "look", "trainings_of"]
