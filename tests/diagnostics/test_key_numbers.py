import pandas as pd
import pytest

from lenspipe.diagnostics.key_numbers import key_numbers

LENSES = 'discoverable (theta_E > 0.8", arc S/N > 20)'
AT = "FPR 0.01 on validation"
ROWS = [
    ("auroc", f"{LENSES} against all non-lenses"),
    ("TPR at FPR 0.01", f"{LENSES} against all non-lenses"),
    ("TPR at FPR 0.001", f"{LENSES} against all non-lenses"),
    (f"false_positive_rate at {AT}", "all non-lenses"),
    (f"false_positive_rate at {AT}", "near_miss"),
    (f"false_positive_rate at {AT}", "star"),
    ("false_positive_rate at FPR 0.1 on validation", "all non-lenses"),
    (f"purity at {AT}", "prevalence 0.001"),
    (f"still found at {AT}", "lenses found there, as twin_without_source"),
    ("theta_E bias", LENSES),
    ("theta_E sigma68", LENSES),
    ("theta_E outliers", LENSES),
    ("theta_E coverage", LENSES),
]


@pytest.fixture
def summary():
    """A summary whose rates rise row by row."""
    frame = pd.DataFrame(ROWS, columns=["metric", "population"])
    frame["value"] = [0.01 * (k + 1) for k in range(len(frame))]
    return frame.assign(low=frame["value"] - 0.005, high=frame["value"] + 0.005, n=100, method="network")


def test_there_are_ten_each_of_one_row_of_the_summary(summary):
    numbers = key_numbers(summary)
    keys = [(number.metric, number.population) for number in numbers]
    assert len(numbers) == 10 and set(keys) <= set(ROWS) and len(set(keys)) == 10


def test_shares_are_in_percent_and_radii_in_arcsec(summary):
    summary.loc[summary["metric"] == "theta_E bias", ["value", "low", "high"]] = -0.0391, -0.044, 0.033
    numbers = {number.metric: number for number in key_numbers(summary)}
    assert (numbers["auroc"].value, numbers["auroc"].interval) == ("0.010", "0.005 to 0.015")
    assert (numbers["TPR at FPR 0.01"].value, numbers["TPR at FPR 0.01"].interval) == ("2.0 %", "1.5 % to 2.5 %")
    assert (numbers["theta_E bias"].value, numbers["theta_E bias"].interval) == ("−0.039″", "−0.044″ to 0.033″")


def test_the_hardest_kind_is_that_with_the_highest_rate_at_the_strictest_threshold(summary):
    summary.loc[summary["population"] == "near_miss", "value"] = 0.9
    (number,) = (number for number in key_numbers(summary) if number.metric.startswith("false_positive_rate"))
    assert number.metric.endswith(AT) and number.population == "near_miss" and "(near miss)" in number.title


def test_the_strictest_threshold_is_that_of_the_lowest_rate(summary):
    metrics = [number.metric for number in key_numbers(summary)]
    assert {f"false_positive_rate at {AT}", f"purity at {AT}", f"still found at {AT}"} <= set(metrics)
    without_rates = key_numbers(summary[summary["population"] == LENSES])
    assert not any(number.metric.startswith(("false_positive_rate", "purity at")) for number in without_rates)


def test_purity_says_how_rare_lenses_are(summary):
    (title,) = (number.title for number in key_numbers(summary) if number.metric.startswith("purity"))
    assert "1 object in 1,000 is a lens" in title


def test_other_methods_do_not_count_and_what_is_missing_is_left_out(summary):
    other = summary.assign(method="hand_made", value=0.99)
    assert key_numbers(pd.concat([other, summary])) == key_numbers(summary)
    assert [number.metric for number in key_numbers(summary[summary["metric"] == "auroc"])] == ["auroc"]


def test_without_discoverable_lenses_all_count(summary):
    summary["population"] = summary["population"].str.replace(LENSES, "all lenses", regex=False)
    numbers = key_numbers(summary)
    assert len(numbers) == 10 and numbers[0].population == "all lenses against all non-lenses"
    assert "discoverable" not in " ".join(number.title for number in numbers)
