"""A run on real cutouts depends on their store."""

import pytest
import real_galaxies as made
from clones import Clone
from dry_runs import dry_run

pytestmark = pytest.mark.slow


def test_the_manifest_of_the_cutouts_is_an_input_of_the_sky(tmp_path, root):
    clone = Clone(tmp_path, root)
    made.write_cubes(tmp_path, 4)
    made.ingest(tmp_path)
    own = tmp_path / "painted.yaml"
    own.write_text("{run: painted, population: {backgrounds: galaxies.zarr, non_lenses: {spiral: 0, merger: 0}}}")
    told = dry_run(clone.folder, "--configfile", str(own))
    for rule in ("population", "simulate"):
        assert "galaxies.json" in told.partition(f"rule {rule}:")[2].partition("output:")[0], told
