rule simulate:
    """Render the catalogues as survey images."""
    input:
        settings="results/<run>/settings/simulate.json",
        train="results/<run>/catalog/train.parquet",
        val="results/<run>/catalog/val.parquet",
        test="results/<run>/catalog/test.parquet",
    output:  # the manifests alone, written last: a store that Snakemake tracked would be deleted by a kill
        train="results/<run>/images/train.json",
        val="results/<run>/images/val.json",
        test="results/<run>/images/test.json",
    params:
        code=digest("lenspipe.simulate", "lenspipe.surveys"),
    log:
        "results/<run>/logs/simulate.log",
    benchmark:
        "results/<run>/benchmarks/simulate.tsv"
    threads: 8
    resources:
        mem_mb=4000,
        runtime=60,
    shell:
        r"""
        lenspipe simulate \
            --settings {input.settings:q} \
            --catalog {input.train:q} --manifest {output.train:q} \
            --catalog {input.val:q} --manifest {output.val:q} \
            --catalog {input.test:q} --manifest {output.test:q} \
            --workers {threads} \
            --block {settings.simulate.block} \
            --log {log:q}
        """
