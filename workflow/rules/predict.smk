rule predict:
    """Scores and Einstein radii of all that the networks did not learn from."""
    input:
        settings="results/<run>/settings/predict.json",
        images=expand("results/<run>/images/{split}.json", split=SCORED),
        classifier="results/<run>/models/classifier/model.json",
        regressor="results/<run>/models/regressor/model.json",
        weights=expand("results/<run>/models/{task}/weights.safetensors", task=["classifier", "regressor"]),
    output:
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=SCORED),
    params:
        images=lambda wildcards, input: each("--images", input.images),
        predictions=lambda wildcards, output: each("--output", output.predictions),
        models=subpath(input.classifier, ancestor=2),
        code=digest("lenspipe.stages.predict"),
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
            {params.images} \
            {params.predictions} \
            --threads {threads} \
            --log {log:q}
        """
