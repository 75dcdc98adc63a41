"""The sky of config/config.yaml, for all benchmarks."""

from pathlib import Path

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.population.catalog import draw_catalog

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = config.load([ROOT / "config" / "config.yaml"]).model_dump()
PRIORS = priors_from(SETTINGS["survey"], SETTINGS["bands"], SETTINGS["population"], SETTINGS["num_pix"])
PIXELS = {"bands": SETTINGS["bands"], "num_pix": SETTINGS["num_pix"], "survey": PRIORS.survey}


def objects(count, split="test", seed=3):
    """A catalogue, half of it lenses."""
    return draw_catalog(
        split, count, lens_fraction=0.5, non_lenses=SETTINGS["population"]["non_lenses"], seed=seed, priors=PRIORS
    )
