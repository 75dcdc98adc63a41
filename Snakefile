"""lenspipe: from the law of the sky to false positives against Einstein radius.

    snakemake --cores 8                                       the talk's experiment
    snakemake --cores 2 --configfile config/smoke.yaml        all of it in a minute or two
    snakemake --cores 8 -R train_classifier                   one stage again, and what follows from it
    snakemake --cores 8 grid                                  many trainings on the one sky, compared
    snakemake --cores 8 architecture_search                   architectures tried at equal compute
"""

import json
from pathlib import Path

from snakemake.utils import min_version

from lenspipe.cli.settings import (
    check_nodes_for_workflow,
    cores_of_each,
    grid_runs_for_workflow,
    load_for_workflow,
    requests_for_workflow,
    stamps_for_workflow,
    usable_cores,
)
from lenspipe.cluster import pending, slurm
from lenspipe.columns import splits_of_run
from lenspipe.config import members_of, stage_names, stage_settings
from lenspipe.config.grid import GRID_RUN, grid_run_named
from lenspipe.families import ENGINES, KINDS, NETWORKS, TASKS
from lenspipe.methods import HEADLINE, baselines_of, tells_kinds
from lenspipe.figures import PREDICTED_KINDS, TWINS, figures_of, modules_of, table_modules, tables_of
from lenspipe.provenance import code_digest as digest
from lenspipe.store import manifest_path, store_path

min_version("9.14")


configfile: "config/config.yaml"


settings = load_for_workflow(config, workflow.configfiles)


pathvars:
    run=settings.run,


report: "workflow/report/workflow.rst"


SPLITS = splits_of_run(settings.population.counts.twins)
SCORED = [split for split in SPLITS if split != "train"]


include: "workflow/rules/common.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/population.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/diagnose.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/realism.smk"
include: "workflow/rules/architecture_search.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/grid.smk"


onstart:
    if workflow.non_local_exec:
        pending.watch_in_background(logger.error)
    else:
        check_nodes_for_workflow(settings.execution.nodes)


rule all:
    """The whole experiment, every file of every stage: a deleted one is remade."""
    default_target: True
    input:
        rules.population.output,
        rules.simulate.output,
        [getattr(rules, f"train_{name}").output for name in LEARNING],
        [
            rules.predict.output if m == HEADLINE else getattr(rules, f"predict_{m}").output
            for m in trainings_by_method(LEARNING)
        ],
        rules.baselines.output,
        rules.explain.output,
        rules.diagnose.output,
        rules.figures.output,
        rules.realism.output if settings.realism.stamps else [],
        rules.report.output,
