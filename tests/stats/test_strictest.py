from lenspipe.stats.strictest import strictest_threshold


def test_the_strictest_threshold_is_that_of_the_lowest_rate_in_any_order():
    names = ["score 0.5", "FPR 0.1 on validation", "FPR 0.001 on validation", "FPR 0.01 on validation"]
    assert strictest_threshold(names) == strictest_threshold(names[::-1]) == "FPR 0.001 on validation"


def test_score_one_half_counts_only_where_no_threshold_has_a_rate():
    assert strictest_threshold(["score 0.5", "FPR 0.1 on this table"]) == "FPR 0.1 on this table"
    assert strictest_threshold(["score 0.5"]) == strictest_threshold([]) == "score 0.5"
