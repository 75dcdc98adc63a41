rule explain:
    """What the network sees: feature maps, and whether its reasons lie on the arc."""
    input:
        settings="results/<run>/settings/explain.json",
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=["val", "test"]),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        images="results/<run>/images/test.json",
        models=expand("results/<run>/models/{training}/model.json", training=HEADLINE_TRAININGS),
        weights=expand("results/<run>/models/{training}/weights.safetensors", training=HEADLINE_TRAININGS),
        validation=expand("results/<run>/models/{training}/validation.safetensors", training=HEADLINE_TRAININGS),
    output:
        tables=expand("results/<run>/tables/{table}", table=tables_of(figures_of("explain"))),
    params:
        run=subpath(output[0], ancestor=2),
        trainings=each("--training", HEADLINE_TRAININGS),
        code=digest(
            "lenspipe.stages.explain",
            ENGINES.module_of(settings.simulate.engine),
            *modules_of_trainings(HEADLINE_TRAININGS),
        ),
    log:
        "results/<run>/logs/explain.log",
    benchmark:
        "results/<run>/benchmarks/explain.tsv"
    resources:
        mem_mb=memory("explain"),
        runtime=minutes("explain"),
    shell:
        r"""
        lenspipe explain \
            --settings {input.settings:q} \
            --run {params.run:q} {params.trainings} \
            --log {log:q}
        """
