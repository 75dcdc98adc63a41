"""Objects without the features that look like an arc: lenses without source, non-lenses without extra components."""

import numpy as np
import pandas as pd

from lenspipe.simulate.pipeline import DEFAULT_ENGINE, simulate_objects


def without_feature(row):
    """The catalogue ``row`` (mapping) without source, companion, ring, disc and star: dict."""
    return dict(row) | {"source_R_sersic": np.nan} | {name: () for name in row if name.startswith("extra_")}


def features(rows, bands, num_pix, survey, *, seed, backgrounds="", engine=DEFAULT_ENGINE):
    """The light of arcs, or of the features that resemble them, and the objects without it.

    Parameters
    ----------
    rows : DataFrame [n]
        Of the catalogue.
    bands, num_pix, survey, seed, backgrounds, engine
        As the store was made with.

    Returns
    -------
    light : array [n, band, y, x], counts
        Expected light of a lens's source, or of a non-lens's extra components; 0 for a deflector without any.
    without_arc : array [n, band, y, x], counts
        The images without this light, with the same noise except the light's own.
    """
    pixels = {"bands": bands, "num_pix": num_pix, "survey": survey, "seed": seed, "keep_planes": True}
    pixels |= {"backgrounds": backgrounds, "engine": engine}
    stripped = pd.DataFrame([without_feature(row) for row in rows.to_dict("records")])
    complete, without_arc = (simulate_objects(table, **pixels) for table in (rows, stripped))
    light = complete["lens_light"] + complete["source_light"] - without_arc["lens_light"]
    return light, without_arc["image"]
