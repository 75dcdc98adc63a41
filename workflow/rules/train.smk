localrules:
    train,


rule train:
    """Both networks. Redo one by its own rule's name."""
    input:
        "results/<run>/models/classifier/model.json",
        "results/<run>/models/regressor/model.json",


rule train_classifier:
    """Train the network that finds lenses."""
    input:
        settings="results/<run>/settings/train_classifier.json",
        train_images="results/<run>/images/train.json",
        train_catalog="results/<run>/catalog/train.parquet",
        val_images="results/<run>/images/val.json",
        val_catalog="results/<run>/catalog/val.parquet",
    output:
        weights="results/<run>/models/classifier/weights.safetensors",
        model="results/<run>/models/classifier/model.json",
        history="results/<run>/models/classifier/history.csv",
    params:
        folder=subpath(output.model, parent=True),
        code=digest("lenspipe.stages.train"),
    log:
        "results/<run>/logs/train_classifier.log",
    benchmark:
        "results/<run>/benchmarks/train_classifier.tsv"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe train classifier \
            --settings {input.settings:q} \
            --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
            --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
            --output {params.folder:q} \
            --threads {threads} \
            --log {log:q}
        """


rule train_regressor:
    """Train the network that measures Einstein radii."""
    input:
        settings="results/<run>/settings/train_regressor.json",
        train_images="results/<run>/images/train.json",
        train_catalog="results/<run>/catalog/train.parquet",
        val_images="results/<run>/images/val.json",
        val_catalog="results/<run>/catalog/val.parquet",
    output:
        weights="results/<run>/models/regressor/weights.safetensors",
        model="results/<run>/models/regressor/model.json",
        history="results/<run>/models/regressor/history.csv",
    params:
        folder=subpath(output.model, parent=True),
        code=digest("lenspipe.stages.train"),
    log:
        "results/<run>/logs/train_regressor.log",
    benchmark:
        "results/<run>/benchmarks/train_regressor.tsv"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
        gpu=settings.execution.gpus,
    shell:
        r"""
        lenspipe train regressor \
            --settings {input.settings:q} \
            --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
            --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
            --output {params.folder:q} \
            --threads {threads} \
            --log {log:q}
        """
