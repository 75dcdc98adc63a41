for method, names in trainings_by_method(LEARNING).items():

    rule:
        """What the trainings of one method answer about all that they did not learn from; a rule for each method."""
        name:
            "predict" if method == HEADLINE else f"predict_{method}"
        input:
            settings="results/<run>/settings/predict.json",
            images=expand("results/<run>/images/{split}.json", split=SCORED),
            models=expand("results/<run>/models/{training}/model.json", training=names),
            weights=expand("results/<run>/models/{training}/weights.safetensors", training=names),
            validation=expand("results/<run>/models/{training}/validation.safetensors", training=names),
        output:
            predictions=expand(f"results/<run>/predictions/{method}/{{split}}.parquet", split=SCORED),
        params:
            images=lambda wildcards, input: each("--images", input.images),
            predictions=lambda wildcards, output: each("--output", output.predictions),
            trainings=each("--training", names),
            models=lambda wildcards, input: Path(input.models[0]).parents[1],
            code=digest("lenspipe.stages.predict", *modules_of_trainings(names)),
        log:
            f"results/<run>/logs/predict_{method}.log",
        benchmark:
            f"results/<run>/benchmarks/predict_{method}.tsv"
        threads: cpus("predict")
        resources:
            mem_mb=memory("predict"),
            runtime=minutes("predict"),
            gpu=settings.execution.gpus,
        shell:
            r"""
            lenspipe predict \
                --settings {input.settings:q} \
                --models {params.models:q} {params.trainings} \
                {params.images} \
                {params.predictions} \
                --threads {threads} \
                --log {log:q}
            """
