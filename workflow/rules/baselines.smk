rule baselines:
    """Scores and Einstein radii by what a network must beat, learned from the same training images."""
    input:
        settings="results/<run>/settings/baselines.json",
        catalog=expand("results/<run>/catalog/{split}.parquet", split=["train", "val", "test"]),
        images=expand("results/<run>/images/{split}.json", split=["train", "val", "test"]),
    output:
        predictions=expand(
            "results/<run>/predictions/{method}/{split}.parquet", method=BASELINES, split=["val", "test"]
        ),
    params:
        run=subpath(output[0], ancestor=3),
        code=digest("lenspipe.stages.baselines"),
    log:
        "results/<run>/logs/baselines.log",
    benchmark:
        "results/<run>/benchmarks/baselines.tsv"
    resources:
        mem_mb=memory("baselines"),
        runtime=minutes("baselines"),
    shell:
        r"""
        lenspipe baselines \
            --settings {input.settings:q} \
            --run {params.run:q} \
            --log {log:q}
        """
