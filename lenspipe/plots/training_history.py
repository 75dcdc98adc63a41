"""Loss and metrics against epoch, of every training."""

from lenspipe.plots._style import COLOURS

LOSS, EPOCH, RATE = ("train_loss", "val_loss"), "epoch", "learning_rate"
LABELS = {  # of the metrics that are drawn, two at most; a task's metric that is not here stands under its own name
    "val_auroc": "AUROC",
    "val_balanced_accuracy": "balanced accuracy of the kinds",
    "val_rmse": "RMSE [arcsec]",
    "val_bias": "bias [arcsec]",
}
MOST = 2


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of training_history.csv."""
    trainings = list(dict.fromkeys(table["training"]))
    figure.set_size_inches(8, 2.9 * len(trainings))
    axes = figure.subplots(len(trainings), 2, squeeze=False)
    for (left, right), training in zip(axes, trainings, strict=True):
        rows = table[table["training"] == training].dropna(axis="columns", how="all")
        loss(left, rows)
        left.set(title=training, ylabel="loss", xlabel="epoch")
        for colour, name in zip((COLOURS[6], COLOURS[3]), metrics_of(rows), strict=False):
            right.plot(rows[EPOCH], rows[name], color=colour, label=LABELS.get(name, name.removeprefix("val_")))
        right.axvline(best(rows)[EPOCH], color="0.6", lw=1, ls="--")
        right.set(title="validation", xlabel="epoch")
        right.legend()


def metrics_of(rows):
    """Columns (list of str) of ``rows`` (DataFrame) that are drawn next to the losses: those with a label first."""
    names = [name for name in rows if name not in (*LOSS, EPOCH, RATE, "training")]
    return sorted(names, key=lambda name: (name not in LABELS, names.index(name)))[:MOST]


def loss(ax, rows):
    """Draw on ``ax`` the losses of ``rows`` (DataFrame), and the epoch whose weights are kept."""
    ax.plot(rows[EPOCH], rows["train_loss"], color=COLOURS[7], label="training (augmented)")
    ax.plot(rows[EPOCH], rows["val_loss"], color=COLOURS[6], label="validation (running mean of weights)")
    kept = best(rows)
    ax.plot(kept[EPOCH], kept["val_loss"], "o", color=COLOURS[5], label=f"kept: epoch {kept[EPOCH]:.0f}")
    ax.legend()


def best(rows):
    """The row (Series) of ``rows`` (DataFrame) with the least loss on validation."""
    return rows.loc[rows["val_loss"].idxmin()]
