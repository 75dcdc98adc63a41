"""The command compare."""

from lenspipe.cli._options import Log, Run, Settings
from lenspipe.cli._session import session


def compare(run: Run, settings: Settings, log: Log = None):
    """Compare the trainings of a grid: metrics and their scatter over seeds, as tables and a figure."""
    from lenspipe.config import read_stage
    from lenspipe.config.grid import grid_runs
    from lenspipe.figures import figures_of
    from lenspipe.plots.drawing import draw
    from lenspipe.stages import compare as stage

    values = read_stage(settings, "grid")
    options = {name: values[name] for name in ("radius_bins", "confidence", "seed")}
    with session("compare", log):
        stage.compare(run, run / "tables", grid_runs(**values["grid"]), **options)
        draw(run / "tables", run / "figures", figures_of("grid"))
