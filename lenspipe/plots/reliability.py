"""Reliability of the score: share of lenses among objects of like score, and how many there are."""

from lenspipe.plots._style import COLOURS, PRIORS, points


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of reliability.csv."""
    figure.set_size_inches(5.2, 5.8)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.plot([0, 1], [0, 1], color="0.6", lw=1, label="calibrated")
    for prior, rows in table[table["trials"] > 0].groupby("prior", sort=False):
        label = f"{prior}, lens fraction {rows['lens_fraction'].iloc[0]:g}"
        points(above, rows, colour=PRIORS[prior], label=label, middle=rows["score"])
    above.plot([], [], "o", ms=4, color="0.5", mfc="white", label="fewer than 5 lenses")
    above.set(ylim=(0, 1), xlim=(0, 1), ylabel="share of lenses")
    above.legend(loc="upper left")
    table = table[table["prior"] == "training prior"]
    edges = [*table["score_low"], table["score_high"].iloc[-1]]
    for counts, colour, name in (
        (table["events"], COLOURS[0], "lenses"),
        (table["trials"] - table["events"], COLOURS[4], "non-lenses"),
    ):
        below.stairs(counts, edges, color=colour, lw=1.4, label=f"{counts.sum():,.0f} {name}")
    below.set(yscale="log", xlabel="score", ylabel="objects")
    below.set_ylim(bottom=0.7)
    below.legend(loc="lower center", ncols=2)
