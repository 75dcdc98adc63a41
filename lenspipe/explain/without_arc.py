"""Objects without what makes them look like lenses: a lens without its source, a non-lens without its extras."""

import numpy as np
import pandas as pd

from lenspipe.simulate.pipeline import DEFAULT_ENGINE, simulate_objects


def without_feature(row):
    """The catalogue row (dict) of an object's galaxy alone.

    ``row`` (mapping) without source, companion, ring, disc or star.
    """
    return dict(row) | {"source_R_sersic": np.nan} | {name: () for name in row if name.startswith("extra_")}


def features(rows, bands, num_pix, survey, *, seed, backgrounds="", engine=DEFAULT_ENGINE):
    """The light of arcs, or of what stands for them, and the objects without it.

    Parameters
    ----------
    rows : DataFrame [n]
        Of the catalogue.
    bands, num_pix, survey, seed, backgrounds, engine
        As the store was made with.

    Returns
    -------
    light : array [n, band, y, x], counts
        Expected light of a lens's source, or of a non-lens's extra components; 0 for a bare deflector.
    bare : array [n, band, y, x], counts
        The images without it, under the same noise but for that of the light itself.
    """
    pixels = {"bands": bands, "num_pix": num_pix, "survey": survey, "seed": seed, "keep_planes": True}
    pixels |= {"backgrounds": backgrounds, "engine": engine}
    stripped = pd.DataFrame([without_feature(row) for row in rows.to_dict("records")])
    whole, bare = (simulate_objects(table, **pixels) for table in (rows, stripped))
    return whole["lens_light"] + whole["source_light"] - bare["lens_light"], bare["image"]
