"""Kinds by predicted kinds: shares of each kind, and numbers of objects."""

from matplotlib.ticker import PercentFormatter

from lenspipe.labels import label_of


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of confusion.csv."""
    shares, counts = (table.pivot(index="kind", columns="kind_pred", values=name) for name in ("rate", "events"))
    kinds, classes = (list(dict.fromkeys(table[name])) for name in ("kind", "kind_pred"))
    shares, counts = shares.loc[kinds, classes].to_numpy(), counts.loc[kinds, classes].to_numpy()
    figure.set_size_inches(0.95 * len(classes) + 2.8, 0.62 * len(kinds) + 1.5)
    ax = figure.subplots()
    image = ax.imshow(shares, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    for row, column in ((i, j) for i in range(len(kinds)) for j in range(len(classes))):
        text = f"{shares[row, column]:.3f}\n{counts[row, column]:,}"
        colour = "white" if shares[row, column] > 0.5 else "0.15"
        ax.text(column, row, text, ha="center", va="center", fontsize=7.5, color=colour)
    trials = table.groupby("kind")["trials"].first()
    names = [f"{label_of(kind)}{'' if kind in classes else ', not trained on'}\n{trials[kind]:,}" for kind in kinds]
    ax.set_xticks(range(len(classes)), [label_of(kind) for kind in classes])
    ax.set_yticks(range(len(kinds)), names)
    ax.set(xlabel="predicted kind", ylabel="kind, objects")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.colorbar(image, ax=ax, label="share of the kind", format=PercentFormatter(1))
