rule predict:
    """Scores and Einstein radii of validation and test."""
    input:
        settings="results/<run>/settings/predict.json",
        val="results/<run>/images/val.json",
        test="results/<run>/images/test.json",
        classifier="results/<run>/models/classifier/model.json",
        regressor="results/<run>/models/regressor/model.json",
        weights=expand("results/<run>/models/{task}/weights.safetensors", task=["classifier", "regressor"]),
    output:
        val="results/<run>/predictions/val.parquet",
        test="results/<run>/predictions/test.parquet",
    params:
        models=subpath(input.classifier, ancestor=2),
        code=digest("lenspipe.predict"),
    log:
        "results/<run>/logs/predict.log",
    benchmark:
        "results/<run>/benchmarks/predict.tsv"
    threads: 8
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
