"""How real the simulated sky looks: who can tell it from real stamps, by what, and what the finder says of both."""

import numpy as np
import pandas as pd
from scipy.special import logit

from lenspipe.plots._style import COLOURS

SAMPLES = {"real stamps": COLOURS[0], "matched deflectors": COLOURS[5], "all deflectors": COLOURS[6]}
GROUPS = ("sky noise", "pixel correlation", "pixel values", "central galaxy", "galaxy's shape", "field")
FEATURES = 16  # single features that are listed, those that separate most first
LAGS = {"correlation1": "1", "correlationdiagonal": "diagonal", "correlation2": "2", "correlation3": "3"}
TICKS = [1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999]


def draw(figure, c2st, features, scores, objects):
    """Draw on ``figure`` (Figure) realism_<name>.csv: ``c2st``, ``features``, ``scores``, ``objects``, DataFrames."""
    figure.set_size_inches(10.2, 13.2)
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=[1.25, 1, 1])
    left, right = top.subplots(1, 2, width_ratios=[1, 1])
    c2st_aucs(left, c2st)
    best_features(right, features[features["sample"] == "matched deflectors"])
    bands = [name.removeprefix("sky_sigma_") for name in objects if name.startswith("sky_sigma_")]
    red = next((band for band in ("i", "r", "z") if band in bands[1:]), bands[-1])
    axes = middle.subplots(1, 4, width_ratios=[1.3, 1, 1, 1])
    correlations(axes[0], objects, bands)
    named = {"sky_sigma": "sky sigma [counts]", "negative": "share of pixels below the sky", "neighbours": "neighbours"}
    for ax, (name, label) in zip(axes[1:], named.items(), strict=True):
        spread(ax, objects, columns=[f"{name}_{band}" for band in bands], bands=bands, label=label)
    axes[1].set_yscale("log")
    axes[1].set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
    axes[1].minorticks_off()
    axes = bottom.subplots(1, 3)
    blue = bands[0]
    colour = objects[f"magnitude_{blue}"] - objects[f"magnitude_{red}"]
    objects = pd.concat([objects, colour.rename("colour")], axis=1)  # pandas warns of assign with so many columns
    labels = f"central galaxy, {red} [mag]", f"{blue} - {red} [mag]"
    scatter(axes[0], objects, f"magnitude_{red}", "colour", labels=labels)
    names = (f"radius_{red}", f"concentration_{red}")
    labels = "half-light radius [arcsec]", f"concentration 5 log(r80/r20), {red}"
    scatter(axes[1], objects, *names, labels=labels)
    finder(axes[2], objects, scores)


def c2st_aucs(ax, c2st):
    """Draw on ``ax`` the areas under the ROC curve of all classifiers in ``c2st`` (DataFrame); 0.5 if none tells."""
    names = list(dict.fromkeys(zip(c2st["classifier"], c2st["input"], strict=True)))
    for sample, colour in list(SAMPLES.items())[1:]:
        rows = c2st[c2st["sample"] == sample]
        places = [names.index(name) for name in zip(rows["classifier"], rows["input"], strict=True)]
        y = -np.array(places) + (0.12 if sample == "all deflectors" else -0.12)
        errors = np.clip([rows["auc"] - rows["low"], rows["high"] - rows["auc"]], 0, None)
        ax.errorbar(rows["auc"], y, xerr=errors, fmt="o", ms=4, color=colour, lw=1, label=f"against {sample}")
    ax.axvline(0.5, color="0.5", lw=1)
    ax.set_yticks(-np.arange(len(names)), [f"{classifier}: {view}" for classifier, view in names], fontsize=7.5)
    ax.set(xlim=(min(0.4, c2st["low"].min() - 0.02), 1.01), xlabel="AUC of real against simulated (0.5: alike)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)


def best_features(ax, features):
    """Draw on ``ax`` the single ``features`` (DataFrame) that separate most, and in which direction."""
    single = features.dropna(subset=["auc"])
    single = single.loc[(single["auc"] - 0.5).abs().sort_values(ascending=False).index].head(FEATURES)
    for k, row in enumerate(single.itertuples()):
        colour = COLOURS[1 + GROUPS.index(row.group)] if row.group in GROUPS else COLOURS[7]
        ax.errorbar(row.auc, -k, xerr=[[row.auc - row.auc_low], [row.auc_high - row.auc]], fmt="o", ms=4, color=colour)
    for group in [group for group in GROUPS if (single["group"] == group).any()]:
        ax.plot([], [], "o", ms=4, color=COLOURS[1 + GROUPS.index(group)], label=group)
    ax.axvline(0.5, color="0.5", lw=1)
    ax.set_yticks(-np.arange(len(single)), single["feature"], fontsize=7.5)
    ax.set(xlim=(-0.02, 1.02), xlabel="AUC of one feature (above 0.5: larger in real)")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.3, 1.0), ncols=3, columnspacing=1, fontsize=7.5)


def correlations(ax, objects, bands):
    """Draw on ``ax`` the mean correlation of sky pixels against distance, of ``objects`` (DataFrame), a line a band.

    ``bands`` is a list of str.
    """
    for sample, colour in list(SAMPLES.items())[:2]:
        rows = objects[objects["sample"] == sample]
        for k, band in enumerate(bands):
            values = rows[[f"{lag}_{band}" for lag in LAGS]]
            error = values.std() / np.sqrt(values.notna().sum())
            x = np.arange(len(LAGS)) + 0.06 * (k - (len(bands) - 1) / 2)
            ax.errorbar(x, values.mean(), error, fmt="o-", ms=3, lw=0.8, color=colour, label="_" if k else sample)
    ax.axhline(0, color="0.5", lw=1)
    ax.set_xticks(range(len(LAGS)), LAGS.values())
    ax.set(xlabel="pixels apart", ylabel="correlation of the sky's pixels")
    ax.legend()


def spread(ax, objects, *, columns, bands, label):
    """Quantiles of a feature in each band: 16 to 84 % thick, 5 to 95 % thin, the median as a dot.

    Parameters
    ----------
    ax : Axes
    objects : DataFrame
    columns, bands : list of str
        The feature's columns, and what they are called.
    label : str
        Of the axis.
    """
    for place, (sample, colour) in enumerate(list(SAMPLES.items())[:2]):
        values = objects.loc[objects["sample"] == sample, columns].to_numpy()
        x = np.arange(len(bands)) + 0.24 * (place - 0.5)
        low, thick_low, median, thick_high, high = np.nanpercentile(values, [5, 16, 50, 84, 95], axis=0)
        ax.vlines(x, low, high, color=colour, lw=1)
        ax.vlines(x, thick_low, thick_high, color=colour, lw=4, alpha=0.6)
        ax.plot(x, median, "o", ms=4, color=colour, label=sample)
    ax.set_xticks(range(len(bands)), bands)
    ax.set(ylabel=label)


def scatter(ax, objects, x, y, *, labels):
    """One feature against another; axes hold the real stamps and most of the simulated ones.

    Parameters
    ----------
    ax : Axes
    objects : DataFrame
    x, y : str
        Columns.
    labels : (str, str)
        Of the axes.
    """
    for sample in ("all deflectors", "matched deflectors", "real stamps"):
        rows = objects[objects["sample"] == sample]
        size = 14 if sample == "real stamps" else 5
        ax.scatter(rows[x], rows[y], s=size, color=SAMPLES[sample], alpha=0.8, lw=0, label=sample)
    for axis, column in (("x", x), ("y", y)):
        low, high = np.nanpercentile(objects[column], [1, 99])
        real = objects.loc[objects["sample"] == "real stamps", column]
        low, high = min(low, real.min()), max(high, real.max())
        ax.set(**{f"{axis}lim": (low - 0.05 * (high - low), high + 0.05 * (high - low))})
    ax.set(xlabel=labels[0], ylabel=labels[1])


def finder(ax, objects, scores):
    """Draw on ``ax`` the share of each sample of ``objects`` above a score, and the thresholds of ``scores``."""
    for sample, colour in SAMPLES.items():
        values = np.sort(objects.loc[objects["sample"] == sample, "score"])[::-1]
        x = logit(np.clip(values, 1e-4, 1 - 1e-4))
        ax.step([*x, logit(1e-4)], [*(np.arange(len(x)) + 1) / len(x), 1], where="post", color=colour, label=sample)
    for k, row in enumerate(scores[scores["sample"] == "real stamps"].itertuples()):
        ax.axvline(logit(np.clip(row.threshold, 1e-4, 1 - 1e-4)), color="0.6", lw=1, ls=["--", "-.", ":"][k % 3])
        above = scores[scores["name"] == row.name]
        shares = ", ".join(f"{share:.2f}" for share in above["share"])
        ax.text(
            0.98, 0.72 - 0.12 * k, f"{row.name}:\n{shares}", transform=ax.transAxes, ha="right", va="top", fontsize=6.5
        )
    ax.set_xticks(logit(TICKS), [f"{tick:g}" for tick in TICKS], rotation=45)
    ax.set(
        xlabel="the finder's score (axis: its logit)", ylabel="share above", xlim=logit([1e-3, 0.999]), ylim=(0, 1.02)
    )
    ax.legend(loc="upper right", fontsize=7)
