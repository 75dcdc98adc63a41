"""The figures stage: tables in, pictures out; it computes nothing."""

from pathlib import Path

from lenspipe.figures import FIGURES
from lenspipe.plots.drawing import draw

STAGES = ("explain", "diagnose")  # whose tables are drawn here; other stages draw their figures themselves


def draw_figures(run):
    """Draw every figure of a run whose tables exist.

    Parameters
    ----------
    run : path
        With tables; gets figures.

    Returns
    -------
    list of str
        Names of the figures drawn.

    Raises
    ------
    InputError
        If there are no tables, or one cannot be read.
    """
    run = Path(run)
    names = [name for name, figure in FIGURES.items() if figure.stage in STAGES]
    return draw(run / "tables", run / "figures", names)
