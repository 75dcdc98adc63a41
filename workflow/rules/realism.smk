REALISM = ["realism", "realism_stamps"] if settings.realism.stamps else []  # figures


rule realism:
    """Real stamps against the run's bare deflectors. Made only where the settings name a store of real ones."""
    input:
        settings="results/<run>/settings/realism.json",
        stamps=lambda wildcards: stamps_for_workflow(settings),
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=["val", "test"]),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        images="results/<run>/images/test.json",
        classifier="results/<run>/models/classifier/model.json",
        weights="results/<run>/models/classifier/weights.safetensors",
    output:
        report("results/<run>/figures/realism.png", caption="../report/realism.rst", category="Realism"),
        report("results/<run>/figures/realism_stamps.png", caption="../report/realism_stamps.rst", category="Realism"),
        summary="results/<run>/tables/realism_summary.csv",
        tables=expand("results/<run>/tables/realism_{table}.csv", table=["c2st", "features", "scores", "objects"]),
        stamps="results/<run>/tables/realism_stamps.npz",
        pdf=expand("results/<run>/figures/{figure}.pdf", figure=["realism", "realism_stamps"]),
    params:
        run=subpath(output.summary, ancestor=2),
        code=digest("lenspipe.stages.realism", "lenspipe.plots"),
    log:
        "results/<run>/logs/realism.log",
    benchmark:
        "results/<run>/benchmarks/realism.tsv"
    threads: 8
    resources:
        mem_mb=growing(3000),
        runtime=growing(30),
    shell:
        r"""
        lenspipe realism \
            --settings {input.settings:q} \
            --run {params.run:q} \
            --threads {threads} \
            --log {log:q}
        """
