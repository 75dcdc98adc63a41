PARTS = settings.execution.simulate_parts


localrules:
    parts,


rule simulate_part:
    """One of several shares of the images, on a node of its own: whole chunks of every store."""
    input:
        settings="results/<run>/settings/simulate.json",
        train="results/<run>/catalog/train.parquet",
        val="results/<run>/catalog/val.parquet",
        test="results/<run>/catalog/test.parquet",
    output:  # a receipt; what was written is in the store's journals, which `simulate` trusts and nothing else
        temp(touch("results/<run>/images/parts/{part}-of-{parts}")),
    params:
        images=subpath(output[0], ancestor=2),
        code=digest("lenspipe.simulate", "lenspipe.surveys"),
    wildcard_constraints:
        part=r"\d+",
        parts=r"\d+",
    log:
        "results/<run>/logs/simulate_part/{part}-of-{parts}.log",
    benchmark:
        "results/<run>/benchmarks/simulate_part.{part}-of-{parts}.tsv"
    threads: 8
    resources:
        mem_mb=growing(1000, per_thread=600),
        runtime=growing(60),
        dask_scheduler=settings.execution.dask_scheduler,
        block=settings.simulate.block,
    shell:
        r"""
        lenspipe simulate \
            --settings {input.settings:q} \
            --catalog {input.train:q} --manifest {params.images:q}/train.json \
            --catalog {input.val:q} --manifest {params.images:q}/val.json \
            --catalog {input.test:q} --manifest {params.images:q}/test.json \
            --part {wildcards.part}/{wildcards.parts} \
            --workers {threads} --scheduler={resources.dask_scheduler:q} \
            --block {resources.block} \
            --log {log:q}
        """


rule parts:
    """All shares are made; there are none where one job makes everything."""
    input:
        expand("results/<run>/images/parts/{part}-of-{parts}", part=range(1, PARTS + 1), parts=PARTS)
        if PARTS > 1
        else [],
    log:  # a log and no output: Snakemake keeps no list of its input, so that another number of parts redoes nothing
        "results/<run>/logs/parts.log",
    shell:
        r"""
        printf 'made: %s\n' {input:q} > {log:q}
        """


rule simulate:
    """Render the catalogues as survey images, or what the parts have left to do: check and finish the stores."""
    input:
        settings="results/<run>/settings/simulate.json",
        train="results/<run>/catalog/train.parquet",
        val="results/<run>/catalog/val.parquet",
        test="results/<run>/catalog/test.parquet",
        parts="results/<run>/logs/parts.log",
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
        mem_mb=growing(1000, per_thread=600),
        runtime=growing(60),
        dask_scheduler=settings.execution.dask_scheduler,  # no parameter: another cluster makes the same pixels
        block=settings.simulate.block,
    shell:
        r"""
        lenspipe simulate \
            --settings {input.settings:q} \
            --catalog {input.train:q} --manifest {output.train:q} \
            --catalog {input.val:q} --manifest {output.val:q} \
            --catalog {input.test:q} --manifest {output.test:q} \
            --workers {threads} --scheduler={resources.dask_scheduler:q} \
            --block {resources.block} \
            --log {log:q}
        """
