localrules:
    train,


rule train:
    """All trainings of the settings. Repeat one by its own rule's name."""
    input:
        expand("results/<run>/models/{training}/model.json", training=LEARNING),


for name, training in LEARNING.items():

    rule:
        """Train one network; one such rule for each entry of train, and for each further member of a committee."""
        name:
            f"train_{name}"
        input:
            settings=f"results/<run>/settings/train_{name}.json",
            train_images="results/<run>/images/train.json",
            train_catalog="results/<run>/catalog/train.parquet",
            val_images="results/<run>/images/val.json",
            val_catalog="results/<run>/catalog/val.parquet",
            start_from=files_of_start(training),
        output:
            weights=f"results/<run>/models/{name}/weights.safetensors",
            model=f"results/<run>/models/{name}/model.json",
            history=f"results/<run>/models/{name}/history.csv",
            validation=f"results/<run>/models/{name}/validation.safetensors",
        params:
            name=name,
            folder=subpath(output.model, parent=True),
            code=digest("lenspipe.stages.train", *modules_of_training(training)),
        log:
            f"results/<run>/logs/train_{name}.log",
        benchmark:
            f"results/<run>/benchmarks/train_{name}.tsv"
        threads: cpus_of_training(f"train_{name}")
        resources:
            **ON_NODES,
            mem_mb=memory(f"train_{name}"),
            runtime=minutes(f"train_{name}"),
            gpu=settings.execution.gpus * NODES,
            # Not params: they change no result, and changed params would train again.
            threads_here=threads_of_training,
            launch=start_on_nodes,
            processes_here=settings.execution.processes,
        shell:
            r"""
            {resources.launch} lenspipe train {params.name} \
                --settings {input.settings:q} \
                --train-images {input.train_images:q} --train-catalog {input.train_catalog:q} \
                --val-images {input.val_images:q} --val-catalog {input.val_catalog:q} \
                --output {params.folder:q} \
                --threads {resources.threads_here} --processes {resources.processes_here} \
                --log {log:q}
            """
