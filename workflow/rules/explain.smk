rule explain:
    """What the network sees: feature maps, and whether its reasons lie on the arc."""
    input:
        settings="results/<run>/settings/explain.json",
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=["val", "test"]),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["val", "test"]),
        images="results/<run>/images/test.json",
        classifier="results/<run>/models/classifier/model.json",
        weights="results/<run>/models/classifier/weights.safetensors",
    output:
        tables=expand("results/<run>/tables/{table}", table=tables_of(figures_of("explain"))),
    params:
        run=subpath(output[0], ancestor=2),
        code=digest("lenspipe.stages.explain"),
    log:
        "results/<run>/logs/explain.log",
    benchmark:
        "results/<run>/benchmarks/explain.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing(30),
    shell:
        r"""
        lenspipe explain \
            --settings {input.settings:q} \
            --run {params.run:q} \
            --log {log:q}
        """
