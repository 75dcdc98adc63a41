localrules:
    grid_settings,


wildcard_constraints:
    grid_run=GRID_RUN,


GRID_TRAININGS = trainings_by_method(settings.train)[HEADLINE]  # of a committee the first member alone


rule grid:
    """Many trainings on the run's one sky, compared. Made only when asked for."""
    input:
        settings="results/<run>/settings/grid.json",
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        predictions=lambda wildcards: expand(
            "results/<run>/grid/{grid_run}/predictions/network/{split}.parquet",
            grid_run=grid_runs_for_workflow(settings),
            split=["val", "test"],
        ),
    output:
        report("results/<run>/figures/grid.png", caption="../report/grid.rst", category="Grid"),
        table="results/<run>/tables/grid.csv",
        spread="results/<run>/tables/grid_spread.csv",
        pdf="results/<run>/figures/grid.pdf",
    params:
        run=subpath(output.table, ancestor=2),
        code=digest("lenspipe.stages.compare", *modules_of(figures_of("grid"))),
    log:
        "results/<run>/logs/grid/compare.log",
    benchmark:
        "results/<run>/benchmarks/grid/compare.tsv"
    resources:
        mem_mb=memory("compare"),
        runtime=minutes("compare"),
    shell:
        r"""
        lenspipe compare \
            --settings {input.settings:q} \
            --run {params.run:q} \
            --log {log:q}
        """


rule grid_settings:
    """What one training of the grid depends on: its own seed and network, all else as in the run's."""
    output:
        "results/<run>/grid/{grid_run}/settings/train_{training}.json",
    wildcard_constraints:
        training="|".join(GRID_TRAININGS),
    params:
        values=lambda wildcards: json.dumps(
            grid_run_named(wildcards.grid_run).settings(
                wildcards.training, stage_settings(settings, f"train_{wildcards.training}")
            ),
            indent=1,
        ),
    log:
        "results/<run>/logs/grid/{grid_run}/settings_{training}.log",
    shell:
        r"""
        printf '%s\n' {params.values:q} > {output:q} 2> {log:q}
        """


rule grid_train:
    """Train one network of the grid for one training of the settings, on the first objects of the training split."""
    input:
        settings="results/<run>/grid/{grid_run}/settings/train_{training}.json",
        train_images="results/<run>/images/train.json",
        train_catalog="results/<run>/catalog/train.parquet",
        val_images="results/<run>/images/val.json",
        val_catalog="results/<run>/catalog/val.parquet",
        start_from=lambda wildcards: files_of_start(settings.train[wildcards.training]),
    output:
        weights="results/<run>/grid/{grid_run}/models/{training}/weights.safetensors",
        model="results/<run>/grid/{grid_run}/models/{training}/model.json",
        history="results/<run>/grid/{grid_run}/models/{training}/history.csv",
        validation="results/<run>/grid/{grid_run}/models/{training}/validation.safetensors",
    wildcard_constraints:
        training="|".join(GRID_TRAININGS),
    params:
        folder=subpath(output.model, parent=True),
        train_count=lambda wildcards: grid_run_named(wildcards.grid_run).train_count,
        code=lambda wildcards: digest(
            "lenspipe.stages.train",
            NETWORKS.module_of(grid_run_named(wildcards.grid_run).network),
            TASKS.module_of(settings.train[wildcards.training].task),
        ),
    log:
        "results/<run>/logs/grid/{grid_run}/train_{training}.log",
    benchmark:
        "results/<run>/benchmarks/grid/{grid_run}/train_{training}.tsv"
    threads: 1  # several trainings run side by side instead
    resources:
        **ON_NODES,
        mem_mb=memory("train_{training}"),
        runtime=minutes("train_{training}"),
        gpu=settings.execution.gpus * NODES,
        launch=start_on_nodes,
        processes_here=settings.execution.processes,
    shell:
        r"""
        {resources.launch} lenspipe train {wildcards.training} \
            --settings {input.settings:q} \
            --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
            --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
            --count {params.train_count} \
            --output {params.folder:q} \
            --threads {threads} --processes {resources.processes_here} \
            --log {log:q}
        """


rule grid_predict:
    """Scores and Einstein radii of validation and test by the networks of one grid run."""
    input:
        settings="results/<run>/settings/predict.json",
        val="results/<run>/images/val.json",
        test="results/<run>/images/test.json",
        models=expand("results/<run>/grid/{{grid_run}}/models/{training}/model.json", training=GRID_TRAININGS),
        weights=expand("results/<run>/grid/{{grid_run}}/models/{training}/weights.safetensors", training=GRID_TRAININGS),
        validation=expand(
            "results/<run>/grid/{{grid_run}}/models/{training}/validation.safetensors", training=GRID_TRAININGS
        ),
    output:
        val="results/<run>/grid/{grid_run}/predictions/network/val.parquet",
        test="results/<run>/grid/{grid_run}/predictions/network/test.parquet",
    params:
        models=lambda wildcards, input: Path(input.models[0]).parents[1],
        trainings=each("--training", GRID_TRAININGS),
        code=lambda wildcards: digest(
            "lenspipe.stages.predict",
            NETWORKS.module_of(grid_run_named(wildcards.grid_run).network),
            *TASKS.modules_of(settings.train[training].task for training in GRID_TRAININGS),
        ),
    log:
        "results/<run>/logs/grid/{grid_run}/predict.log",
    benchmark:
        "results/<run>/benchmarks/grid/{grid_run}/predict.tsv"
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=minutes("predict"),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe predict \
            --settings {input.settings:q} \
            --models {params.models:q} {params.trainings} \
            --images {input.val:q} --output {output.val:q} \
            --images {input.test:q} --output {output.test:q} \
            --threads {threads} \
            --log {log:q}
        """
