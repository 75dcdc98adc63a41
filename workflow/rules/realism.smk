REALISM = figures_of("realism") if settings.realism.stamps else []


rule realism:
    """Real stamps against the run's bare deflectors. Made only where the settings name a store of real ones."""
    input:
        settings="results/<run>/settings/realism.json",
        stamps=lambda wildcards: stamps_for_workflow(settings),
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=["val", "test"]),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        images="results/<run>/images/test.json",
        models=expand("results/<run>/models/{training}/model.json", training=HEADLINE_TRAININGS),
        weights=expand("results/<run>/models/{training}/weights.safetensors", training=HEADLINE_TRAININGS),
        validation=expand("results/<run>/models/{training}/validation.safetensors", training=HEADLINE_TRAININGS),
    output:
        *[
            report(f"results/<run>/figures/{figure}.png", caption=f"../report/{figure}.rst", category="Realism")
            for figure in figures_of("realism")
        ],
        summary="results/<run>/tables/realism_summary.csv",
        tables=expand("results/<run>/tables/{table}", table=tables_of(figures_of("realism"))),
        pdf=expand("results/<run>/figures/{figure}.pdf", figure=figures_of("realism")),
    params:
        run=subpath(output.summary, ancestor=2),
        trainings=each("--training", HEADLINE_TRAININGS),
        code=digest(
            "lenspipe.stages.realism",
            *modules_of(figures_of("realism")),
            *modules_of_trainings(HEADLINE_TRAININGS),
        ),
    log:
        "results/<run>/logs/realism.log",
    benchmark:
        "results/<run>/benchmarks/realism.tsv"
    threads: cpus("realism")
    resources:
        mem_mb=memory("realism"),
        runtime=minutes("realism"),
    shell:
        r"""
        lenspipe realism \
            --settings {input.settings:q} \
            --run {params.run:q} {params.trainings} \
            --threads {threads} \
            --log {log:q}
        """
