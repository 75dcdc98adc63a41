"""Statistics of radii in bins."""

import numpy as np

from lenspipe.diagnostics.einstein_radius import radii_of_lenses, radius_bins


def binned(theta_E, predicted, edges):
    options = {"edges": edges, "confidence": 0.683, "rng": np.random.default_rng(0)}
    return radius_bins(theta_E, predicted, None, method="network", **options)


def test_bins_hold_the_summary_of_their_lenses():
    rng = np.random.default_rng(8)
    theta_E = rng.uniform(0.5, 3.0, 3000)
    predicted = theta_E + rng.normal(0.05, 0.2, theta_E.size)
    edges = [0.5, 1.0, 3.0, 3.5]
    table = binned(theta_E, predicted, edges)
    inside = (theta_E >= 0.5) & (theta_E < 1.0)
    assert table["n"].tolist() == [inside.sum(), 3000 - inside.sum(), 0]
    assert table["bias"][0] == np.median((predicted - theta_E)[inside])
    assert table["outliers"][0] > table["outliers"][1]  # 0.3 of a small radius is little
    assert table.loc[2, ["bias", "sigma68", "outliers"]].isna().all()
    assert table["coverage"].isna().all()


def test_too_few_objects_give_no_number():
    table = binned([1.0] * 4, [1.1] * 4, [0.5, 1.5])
    assert table["n"][0] == 4 and np.isnan(table["sigma68"][0])


def test_radii_of_lenses_are_columns_as_far_as_there_are_any(objects):
    lenses = objects[objects["is_lens"]]
    assert list(radii_of_lenses(lenses)) == ["id", "theta_E", "theta_E_pred", "theta_E_sigma", "arc_snr"]
    assert list(radii_of_lenses(lenses[["theta_E", "theta_E_pred"]])) == ["theta_E", "theta_E_pred"]
