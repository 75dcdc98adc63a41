rule population:
    """Draw the catalogues."""
    input:
        settings="results/<run>/settings/population.json",
        backgrounds=BACKGROUNDS,
    output:
        catalog=expand("results/<run>/catalog/{split}.parquet", split=SPLITS),
    params:
        folder=subpath(output[0], parent=True),
        code=digest(
            "lenspipe.stages.population",
            "lenspipe.surveys",
            "lenspipe.store",
            *KINDS.modules_of(["lens", *(kind for kind, share in settings.population.non_lenses.items() if share)]),
        ),
    log:
        "results/<run>/logs/population.log",
    benchmark:
        "results/<run>/benchmarks/population.tsv"
    threads: cpus("population")
    resources:
        mem_mb=memory("population"),
        runtime=minutes("population"),
    shell:
        r"""
        lenspipe population \
            --settings {input.settings:q} \
            --output {params.folder:q} \
            --workers {threads} \
            --log {log:q}
        """
