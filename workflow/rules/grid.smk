localrules:
    grid_settings,


wildcard_constraints:
    member=MEMBER,


rule grid:
    """Many trainings on the run's one sky, compared. Made only when asked for."""
    input:
        settings="results/<run>/settings/grid.json",
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        predictions=lambda wildcards: expand(
            "results/<run>/grid/{member}/predictions/network/{split}.parquet",
            member=members_for_workflow(settings),
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
        mem_mb=growing(1500),
        runtime=growing(30),
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
        "results/<run>/grid/{member}/settings/train_{task}.json",
    wildcard_constraints:
        task="classifier|regressor",
    params:
        said=lambda wildcards: json.dumps(
            member_named(wildcards.member).settings(
                wildcards.task, stage_settings(settings, f"train_{wildcards.task}")
            ),
            indent=1,
        ),
    log:
        "results/<run>/logs/grid/{member}/settings_{task}.log",
    shell:
        r"""
        printf '%s\n' {params.said:q} > {output:q} 2> {log:q}
        """


rule grid_train:
    """Train one network of the grid for one task, on the first objects of the training split."""
    input:
        settings="results/<run>/grid/{member}/settings/train_{task}.json",
        train_images="results/<run>/images/train.json",
        train_catalog="results/<run>/catalog/train.parquet",
        val_images="results/<run>/images/val.json",
        val_catalog="results/<run>/catalog/val.parquet",
    output:
        weights="results/<run>/grid/{member}/models/{task}/weights.safetensors",
        model="results/<run>/grid/{member}/models/{task}/model.json",
        history="results/<run>/grid/{member}/models/{task}/history.csv",
    wildcard_constraints:
        task="classifier|regressor",
    params:
        folder=subpath(output.model, parent=True),
        train_count=lambda wildcards: member_named(wildcards.member).train_count,
        code=digest("lenspipe.stages.train"),
    log:
        "results/<run>/logs/grid/{member}/train_{task}.log",
    benchmark:
        "results/<run>/benchmarks/grid/{member}/train_{task}.tsv"
    threads: 1  # several trainings run side by side instead
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe train {wildcards.task} \
            --settings {input.settings:q} \
            --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
            --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
            --count {params.train_count} \
            --output {params.folder:q} \
            --threads {threads} \
            --log {log:q}
        """


rule grid_predict:
    """Scores and Einstein radii of validation and test by one pair of the grid's networks."""
    input:
        settings="results/<run>/settings/predict.json",
        val="results/<run>/images/val.json",
        test="results/<run>/images/test.json",
        classifier="results/<run>/grid/{member}/models/classifier/model.json",
        regressor="results/<run>/grid/{member}/models/regressor/model.json",
        weights=expand(
            "results/<run>/grid/{{member}}/models/{task}/weights.safetensors", task=["classifier", "regressor"]
        ),
    output:
        val="results/<run>/grid/{member}/predictions/network/val.parquet",
        test="results/<run>/grid/{member}/predictions/network/test.parquet",
    params:
        models=subpath(input.classifier, ancestor=2),
        code=digest("lenspipe.stages.predict"),
    log:
        "results/<run>/logs/grid/{member}/predict.log",
    benchmark:
        "results/<run>/benchmarks/grid/{member}/predict.tsv"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe predict \
            --settings {input.settings:q} \
            --models {params.models:q} \
            --images {input.val:q} --output {output.val:q} \
            --images {input.test:q} --output {output.test:q} \
            --threads {threads} \
            --log {log:q}
        """
