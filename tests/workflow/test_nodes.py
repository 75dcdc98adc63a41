"""A training on several nodes, without a cluster; test_slurm.py has one with it."""

import pytest
from clones import SMOKE, Clone


@pytest.mark.slow
def test_several_nodes_without_a_cluster_are_refused_in_one_line_before_any_job(tmp_path, root):
    clone = Clone(tmp_path, root)
    done = clone.snakemake("--cores", "1", *SMOKE, "--config", "execution={'nodes': 2}", check=False)
    line = "lenspipe: execution.nodes: 2, but jobs run on this machine; add --profile workflow/profiles/slurm, or use"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"{line} processes")
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "results").rglob("*.json"))
    assert "simulate" in clone.jobs(settings=[*SMOKE, "--config", "execution={'nodes': 2}"])  # as a job of a cluster
