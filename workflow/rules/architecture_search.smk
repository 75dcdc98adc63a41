rule architecture_search:
    """Architectures tried at equal compute, compared. Made only when asked for."""
    input:
        settings="results/<run>/settings/architecture_search.json",
        tables=expand("results/<run>/architecture_search/trials_{sampler}.csv", sampler=["tpe", "random"]),
    output:
        table="results/<run>/architecture_search/trials.csv",
        winner="results/<run>/architecture_search/winner.yaml",
    params:
        tables=lambda wildcards, input: each("--table", input.tables),
        code=digest("lenspipe.stages.architecture_search", "lenspipe.networks.resnet"),
    log:
        "results/<run>/logs/architecture_search.log",
    benchmark:
        "results/<run>/benchmarks/architecture_search.tsv"
    resources:
        mem_mb=memory("compare"),
        runtime=minutes("compare"),
    shell:
        r"""
        lenspipe compare-architectures \
            --settings {input.settings:q} {params.tables} \
            --output {output.table:q} \
            --log {log:q}
        """


rule architecture_trials:
    """Try architectures, those of one way to choose them after each other; a killed search goes on."""
    input:
        settings="results/<run>/settings/architecture_search.json",
        train_images="results/<run>/images/train.json",
        train_catalog="results/<run>/catalog/train.parquet",
        val_images="results/<run>/images/val.json",
        val_catalog="results/<run>/catalog/val.parquet",
    output:
        "results/<run>/architecture_search/trials_{sampler}.csv",
    wildcard_constraints:
        sampler="tpe|random",
    params:
        code=digest(
            "lenspipe.stages.architecture_search",
            "lenspipe.networks.resnet",
            TASKS.module_of(settings.train[settings.architecture_search.training].task),
        ),
    log:
        "results/<run>/logs/architecture_trials_{sampler}.log",
    benchmark:
        "results/<run>/benchmarks/architecture_trials_{sampler}.tsv"
    threads: 1  # both ways side by side instead
    resources:
        mem_mb=memory("architecture_search"),
        runtime=minutes("architecture_search"),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe search-architectures \
            --settings {input.settings:q} \
            --sampler {wildcards.sampler} \
            --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
            --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
            --output {output:q} \
            --threads {threads} \
            --log {log:q}
        """
