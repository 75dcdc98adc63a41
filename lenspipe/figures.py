"""The registry of figures: title, tables, section of the report, and what a run must have for it.

A figure ``name`` is drawn by ``lenspipe/plots/<name>.py`` and has its caption in ``workflow/report/<name>.rst``. The
order is that of the report.
"""

from dataclasses import dataclass

TWINS, PREDICTED_KINDS = "twins", "kinds"  # what a figure may need
LENSES, NON_LENSES = "lenses", "non-lenses"
BOTH = (LENSES, NON_LENSES)


@dataclass(frozen=True)
class FigureSpec:
    """What is to be known of a figure without drawing it.

    Attributes
    ----------
    title : str
        For people.
    tables : tuple of str
        Files that it is drawn from, in the order in which its module takes them.
    section : str
        Of the report.
    stage : str
        Whose tables these are.
    needs : tuple of str
        What a run must have: ``TWINS``, or ``PREDICTED_KINDS``, a classifier that distinguishes the kinds.
    columns : tuple of str
        Columns of truth and answers without which there is no such figure.
    from_objects : bool
        Whether its one table is made by the function ``table`` of ``lenspipe/diagnostics/<name>.py``, from truth and
        answers alone.
    may_lack : tuple of str
        Those of ``tables`` without which it is drawn too: its module gets None instead.
    groups : tuple of str
        Groups of objects without which there is no such figure: ``LENSES``, ``NON_LENSES``.
    """

    title: str
    tables: tuple[str, ...]
    section: str
    stage: str = "diagnose"
    needs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    from_objects: bool = False
    may_lack: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


FINDING, MEASURING, NETWORK, SKY = "Finding lenses", "Measuring Einstein radii", "What the network sees", "The sky"
REALISM, GRID, TIMES = "How real it looks", "Many trainings", "Times"
FIGURES = {
    "false_positives_vs_radius": FigureSpec(
        "False positives, completeness and contamination against radius",
        ("false_positives_vs_radius.csv", "false_positives_vs_radius.npz"),
        FINDING,
        may_lack=("false_positives_vs_radius.npz",),
    ),
    "false_positives_at_thresholds": FigureSpec(
        "False positives against radius by kind, at every threshold", ("false_positives_vs_radius.csv",), FINDING
    ),
    "roc": FigureSpec("Completeness against false-positive rate", ("roc.csv",), FINDING, groups=BOTH),
    "false_positives_by_kind": FigureSpec(
        "False positives by kind", ("false_positives_by_kind.csv",), FINDING, groups=BOTH
    ),
    "scores_by_kind": FigureSpec("Scores by kind", ("scores_by_kind.csv",), FINDING),
    "completeness_vs_arc_snr": FigureSpec(
        "Completeness against the arc's signal to noise",
        ("completeness_vs_arc_snr.csv",),
        FINDING,
        columns=("arc_snr",),
        from_objects=True,
        groups=(LENSES,),
    ),
    "purity_vs_completeness": FigureSpec(
        "Purity against completeness", ("purity_vs_completeness.csv",), FINDING, from_objects=True, groups=BOTH
    ),
    "reliability": FigureSpec(
        "Reliability of the score", ("reliability.csv",), FINDING, from_objects=True, groups=BOTH
    ),
    "confusion": FigureSpec(
        "Kinds and predicted kinds",
        ("confusion.csv",),
        FINDING,
        needs=(PREDICTED_KINDS,),
        columns=("kind_pred",),
        from_objects=True,
    ),
    "gallery": FigureSpec("The worst failures", ("gallery.npz",), FINDING),
    "einstein_radius": FigureSpec(
        "Predicted and true Einstein radius",
        ("einstein_radius_objects.csv", "einstein_radius.csv"),
        MEASURING,
        columns=("theta_E_pred",),
        groups=(LENSES,),
    ),
    "regression_calibration": FigureSpec(
        "Calibration of the predicted uncertainty",
        ("regression_calibration.csv",),
        MEASURING,
        columns=("theta_E_pred", "theta_E_sigma"),
        groups=(LENSES,),
        from_objects=True,
    ),
    "regression_residuals": FigureSpec(
        "Residuals of the Einstein radius",
        ("regression_residuals.csv",),
        MEASURING,
        columns=("theta_E_pred",),
        groups=(LENSES,),
        from_objects=True,
    ),
    "feature_maps": FigureSpec("Feature maps", ("feature_maps.npz",), NETWORK, "explain"),
    "attribution": FigureSpec("Attribution", ("attribution.npz", "attribution.csv"), NETWORK, "explain"),
    "robustness": FigureSpec("Rates on images unlike those of training", ("robustness.csv",), NETWORK, "explain"),
    "twins": FigureSpec("Lenses and their twins without an arc", ("twins.csv",), NETWORK, needs=(TWINS,)),
    "training_history": FigureSpec("Training history", ("training_history.csv",), NETWORK),
    "examples": FigureSpec("Examples of every kind", ("examples.npz",), SKY),
    "population": FigureSpec("The lenses and the published forecast", ("population.csv",), SKY),
    "sky_check": FigureSpec("The sky and published numbers", ("sky_check.csv",), SKY, "check-sky"),
    "grid": FigureSpec("Many trainings on one sky", ("grid.csv", "grid_spread.csv"), GRID, "grid"),
    "realism": FigureSpec(
        "Real and simulated stamps",
        ("realism_c2st.csv", "realism_features.csv", "realism_scores.csv", "realism_objects.csv"),
        REALISM,
        "realism",
    ),
    "realism_stamps": FigureSpec(
        "Real stamps and their nearest simulated ones", ("realism_stamps.npz",), REALISM, "realism"
    ),
    "stage_times": FigureSpec("Time and memory of the stages", ("stage_times.csv",), TIMES, "report"),
}


def figures_of(*stages, available=(TWINS, PREDICTED_KINDS)):
    """Names of the figures of some stages.

    Parameters
    ----------
    *stages : str
        That make the tables.
    available : sequence of str
        What a run has, of ``TWINS`` and ``PREDICTED_KINDS``.

    Returns
    -------
    list of str
    """
    return [name for name, spec in FIGURES.items() if spec.stage in stages and set(spec.needs) <= set(available)]


def tables_of(names):
    """Files of the tables of some figures (``names``, sequence of str), each once: list of str."""
    return list(dict.fromkeys(table for name in names for table in FIGURES[name].tables))


def modules_of(names):
    """Modules that draw some figures (``names``, sequence of str), for a digest of their code: list of str."""
    return ["lenspipe.plots.drawing", *(f"lenspipe.plots.{name}" for name in names)]


def table_modules():
    """Modules (list of str) whose function ``table`` makes a figure's table, for a digest of their code."""
    return [f"lenspipe.diagnostics.{name}" for name, spec in FIGURES.items() if spec.from_objects]
