"""Kinds by predicted kinds, against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from lenspipe.diagnostics.confusion import confusion, confusion_summary
from lenspipe.stats.rates import binomial_interval


@pytest.fixture
def objects():
    """Lenses, rings and stars; the classifier knows spirals too, and names none; arcs it does not know."""
    kind = np.repeat(["star", "lens", "ring", "arc"], [40, 30, 20, 10])
    guess = np.where(np.arange(100) % 4 == 0, "lens", kind)
    guess[kind == "arc"] = "ring"
    known = {f"p_{name}": 0.25 for name in ("lens", "ring", "spiral", "star")}
    return pd.DataFrame({"kind": kind, "kind_pred": guess, **known})


def test_every_object_is_in_one_cell_and_an_unknown_kind_has_a_row_and_no_column(objects):
    table = confusion(objects, 0.68)
    assert list(dict.fromkeys(table["kind"])) == ["lens", "arc", "ring", "star"]
    assert list(dict.fromkeys(table["kind_pred"])) == ["lens", "ring", "spiral", "star"]
    assert table["events"].sum() == len(objects)
    np.testing.assert_allclose(table.groupby("kind")["rate"].sum(), 1)
    cells = table.set_index(["kind", "kind_pred"])
    assert cells.loc[("star", "lens"), ["events", "trials"]].tolist() == [10, 40]
    assert cells.loc[("arc", "ring"), "events"] == 10 and cells.loc[("lens", "spiral"), "events"] == 0
    expected = [bound[0] for bound in binomial_interval(10, 40, 0.68)]
    assert cells.loc[("star", "lens"), ["low", "high"]].tolist() == pytest.approx(expected)


def test_the_order_of_objects_and_columns_changes_nothing(objects):
    table = confusion(objects.sample(frac=1, random_state=1)[objects.columns[::-1]], 0.68)
    pd.testing.assert_frame_equal(table, confusion(objects, 0.68))


def test_the_summary_s_balanced_accuracy_is_scikit_learn_s_over_the_kinds_that_are_known(objects):
    balanced, *recalls = confusion_summary(confusion(objects, 0.68), 0.68)
    known = objects[objects["kind"] != "arc"]
    assert balanced[1] == pytest.approx(balanced_accuracy_score(known["kind"], known["kind_pred"]))
    assert balanced[2] < balanced[1] < balanced[3] and balanced[4] == 90
    assert [(row[0], row[-1], row[4]) for row in recalls] == [
        ("recall", "lens", 30), ("recall", "ring", 20), ("recall", "star", 40)
    ]  # fmt: skip
    assert recalls[0][1] == 1 and recalls[2][1] == pytest.approx(0.75)


def test_a_foreign_finder_without_probabilities_knows_the_kinds_that_it_names(objects):
    table = confusion(objects[["kind", "kind_pred"]], 0.68)
    assert set(table["kind_pred"]) == {"lens", "ring", "star"}
