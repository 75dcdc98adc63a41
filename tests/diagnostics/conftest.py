import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def objects():
    """Scores and radii of a made-up finder: lenses score higher the larger they are, rings fool it at small radii."""
    rng = np.random.default_rng(4)
    n = 4000
    is_lens = np.arange(n) % 2 == 0
    radius = rng.uniform(0.5, 3.0, n)
    kind = np.where(is_lens, "lens", rng.choice(["ring", "star"], n, p=[0.25, 0.75]))
    mean = np.where(is_lens, radius - 1, np.where(kind == "ring", 0.5 - radius, -2.0))
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "kind": kind,
            "is_lens": is_lens,
            "radius": radius,
            "theta_E": np.where(is_lens, radius, np.nan),
            "score": 1 / (1 + np.exp(-rng.normal(mean, 1.0))),
            "theta_E_pred": radius + rng.normal(0, 0.2, n),
            "theta_E_sigma": np.full(n, 0.2),
            "arc_snr": np.where(is_lens, rng.uniform(0, 60, n), 0.0),
        }
    )
