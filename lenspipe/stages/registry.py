"""The stages of a run, in order: what each is called, and which files it writes.

``train`` stands for a stage of each training, ``train_<training>``.
"""

from dataclasses import dataclass

from lenspipe.figures import PREDICTED_KINDS, TWINS, figures_of, tables_of
from lenspipe.methods import BASELINES, HEADLINE

TRAIN = "train"
DEFAULT_TRAININGS = ("classifier", "regressor")
REQUIRED, ON_REQUEST = False, True


@dataclass(frozen=True)
class Stage:
    """What is to be known of a stage without running it.

    Attributes
    ----------
    title : str
        For people.
    writes : tuple of str
        Files under results/<run>/. In braces what they are repeated for: ``{split}`` of all, ``{scored}`` of the
        splits that are not trained on, ``{answered}`` of val and test, ``{training}``, ``{baseline}``; ``{table}``
        and ``{figure}`` of the stage.
    draws : tuple of str
        Stages whose tables are drawn as ``{figure}``.
    optional : bool
        Whether a run may do without it.
    """

    title: str
    writes: tuple[str, ...]
    draws: tuple[str, ...] = ()
    optional: bool = REQUIRED


PICTURES = ("figures/{figure}.png", "figures/{figure}.pdf")
MODEL = tuple(
    f"models/{{training}}/{file}"
    for file in ("model.json", "weights.safetensors", "history.csv", "validation.safetensors")
)
STAGES = {
    "population": Stage("Catalogues", ("catalog/{split}.parquet",)),
    "simulate": Stage("Images", ("images/{split}.json",)),
    TRAIN: Stage("Training", MODEL),
    "predict": Stage("Predictions of the networks", (f"predictions/{HEADLINE}/{{scored}}.parquet",)),
    "baselines": Stage("Predictions of the baselines", ("predictions/{baseline}/{answered}.parquet",)),
    "explain": Stage("Feature maps and attribution", ("tables/{table}",)),
    "diagnose": Stage("Tables", ("tables/summary.csv", "tables/{table}")),
    "figures": Stage("Figures", PICTURES, draws=("explain", "diagnose")),
    "realism": Stage(
        "Comparison with real stamps",
        ("tables/realism_summary.csv", "tables/{table}", *PICTURES),
        draws=("realism",),
        optional=ON_REQUEST,
    ),
    "architecture_search": Stage(
        "Architectures tried",
        ("architecture_search/trials.csv", "architecture_search/winner.yaml"),
        optional=ON_REQUEST,
    ),
    "grid": Stage("Many trainings compared", ("tables/{table}", *PICTURES), draws=("grid",), optional=ON_REQUEST),
    "report": Stage("Report", ("report.html", "tables/{table}", *PICTURES), draws=("report",)),
}


def names_of(trainings=DEFAULT_TRAININGS, optional=False):
    """Names of the stages, in order.

    Parameters
    ----------
    trainings : sequence of str
    optional : bool
        Whether those that a run may do without are named too.

    Returns
    -------
    list of str
        ``train_<training>`` for each training.
    """
    names = [name for name, stage in STAGES.items() if optional or not stage.optional]
    return [each for name in names for each in ([f"{TRAIN}_{one}" for one in trainings] if name == TRAIN else [name])]


def stage_of(rule, names=None):
    """The stage that a rule, a log or a mark belongs to.

    Parameters
    ----------
    rule : str
        For example ``simulate_part.1-of-2``, of simulate.
    names : sequence of str, optional
        Of the stages; those of ``names_of`` if not given.

    Returns
    -------
    str or None
        None for a name of no stage.
    """
    return next((stage for stage in names or names_of() if rule.startswith(stage)), None)


def files_of(stage, *, splits, trainings=DEFAULT_TRAININGS, baselines=BASELINES, available=(TWINS, PREDICTED_KINDS)):
    """Files that a stage writes under results/<run>/.

    Parameters
    ----------
    stage : str
        One of ``names_of``.
    splits : sequence of str
        Of the run.
    trainings, baselines : sequence of str
        Names.
    available : sequence of str
        What the run has that figures may need, of ``TWINS`` and ``PREDICTED_KINDS``.

    Returns
    -------
    list of str
    """
    name, _, training = stage.partition("_") if stage.startswith(f"{TRAIN}_") else (stage, "", "")
    values = {
        "split": splits,
        "scored": [split for split in splits if split != "train"],
        "answered": ("val", "test"),
        "training": [training] if training else trainings,
        "baseline": baselines,
        "table": tables_of(figures_of(name, available=available)),
        "figure": figures_of(*STAGES[name].draws, available=available),
    }
    files = list(STAGES[name].writes)
    for key, options in values.items():
        files = [
            file.replace(f"{{{key}}}", option)
            for file in files
            for option in (options if f"{{{key}}}" in file else [""])
        ]
    return list(dict.fromkeys(files))
