"""Loss and metrics against epoch, for both tasks."""

from lenspipe.plots._style import COLOURS

METRICS = {
    "classifier": [("val_auroc", "AUROC"), ("val_balanced_accuracy", "balanced accuracy of the kinds")],
    "regressor": [("val_rmse", "RMSE [arcsec]"), ("val_bias", "bias [arcsec]")],
}
LOSSES = {"classifier": "cross-entropy", "regressor": "Gaussian negative log-likelihood"}


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of training_history.csv."""
    tasks = [task for task in METRICS if (table["task"] == task).any()]
    figure.set_size_inches(8, 2.9 * len(tasks))
    axes = figure.subplots(len(tasks), 2, squeeze=False)
    for (left, right), task in zip(axes, tasks, strict=True):
        rows = table[table["task"] == task]
        loss(left, rows)
        left.set(title=task, ylabel=LOSSES[task], xlabel="epoch")
        for colour, (name, label) in zip((COLOURS[6], COLOURS[3]), METRICS[task], strict=False):
            if name not in rows:  # of a classifier that tells kinds apart alone
                continue
            right.plot(rows["epoch"], rows[name], color=colour, label=label)
        right.axvline(best(rows)["epoch"], color="0.6", lw=1, ls="--")
        right.set(title="validation", xlabel="epoch")
        right.legend()


def loss(ax, rows):
    """Draw on ``ax`` the losses of ``rows`` (DataFrame), and the epoch whose weights are kept."""
    ax.plot(rows["epoch"], rows["train_loss"], color=COLOURS[7], label="training (augmented)")
    ax.plot(rows["epoch"], rows["val_loss"], color=COLOURS[6], label="validation (running mean of weights)")
    kept = best(rows)
    ax.plot(kept["epoch"], kept["val_loss"], "o", color=COLOURS[5], label=f"kept: epoch {kept['epoch']:.0f}")
    ax.legend()


def best(rows):
    """The row (Series) of ``rows`` (DataFrame) with the least loss on validation."""
    return rows.loc[rows["val_loss"].idxmin()]
