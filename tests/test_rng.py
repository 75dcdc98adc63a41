"""Random streams are reproducible, distinct and independent."""

import numpy as np
from scipy import stats

from lenspipe.columns import SPLITS
from lenspipe.rng import PURPOSES, catalog_stream, pixel_stream


def test_a_stream_is_reproducible():
    for make in (lambda: catalog_stream(3, "val", "lens", 2), lambda: pixel_stream(3, 10**9 + 5, "sky")):
        np.testing.assert_array_equal(make().normal(size=10), make().normal(size=10))


def test_all_streams_differ():
    streams = [
        catalog_stream(s, split, k, b) for s in (1, 2) for split in SPLITS for k in ("lens", "star") for b in (0, 1)
    ]
    streams += [pixel_stream(s, i, p) for s in (1, 2) for i in (0, 1, 10**9, 2 * 10**9 + 1) for p in PURPOSES]
    first = [stream.integers(2**63) for stream in streams]
    assert len(set(first)) == len(first)


def test_streams_of_neighbouring_objects_are_independent():
    draws = np.array([pixel_stream(1, i, "sky").normal(size=50) for i in range(400)])
    assert stats.kstest(draws.ravel(), "norm").pvalue > 0.01
    neighbours = np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]
    assert abs(neighbours) < 4 / np.sqrt(draws[1:].size)
