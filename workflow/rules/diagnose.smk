rule diagnose:
    """Tables: where finding and measuring fail."""
    input:
        settings="results/<run>/settings/diagnose.json",
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=SCORED),
        methods=expand("results/<run>/predictions/{method}/{split}.parquet", method=OTHER_METHODS, split=SCORED),
        baselines=expand("results/<run>/predictions/{method}/{split}.parquet", method=BASELINES, split=["val", "test"]),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=SPLITS),
        images=expand("results/<run>/images/{split}.json", split=SPLITS),
        history=expand("results/<run>/models/{training}/history.csv", training=LEARNING),
        attribution="results/<run>/tables/attribution.csv",
    output:
        summary="results/<run>/tables/summary.csv",
        tables=expand("results/<run>/tables/{table}", table=tables_of(figures_of("diagnose", available=AVAILABLE))),
    params:
        run=subpath(output.summary, ancestor=2),
        methods=each("--method", OTHER_METHODS),
        code=digest("lenspipe.stages.diagnose", *table_modules()),
    log:
        "results/<run>/logs/diagnose.log",
    benchmark:
        "results/<run>/benchmarks/diagnose.tsv"
    resources:
        mem_mb=memory("diagnose"),
        runtime=minutes("diagnose"),
    shell:
        r"""
        lenspipe diagnose \
            --settings {input.settings:q} \
            --run {params.run:q} {params.methods} \
            --log {log:q}
        """
