PARTS = settings.execution.simulate_parts


localrules:
    parts,


rule simulate_part:
    """One of several shares of the images, on a node of its own: whole chunks of every store."""
    input:
        settings="results/<run>/settings/simulate.json",
        backgrounds=BACKGROUNDS,
        catalog=expand("results/<run>/catalog/{split}.parquet", split=SPLITS),
    output:  # a receipt; what was written is in the store's journals, which `simulate` trusts and nothing else
        temp(touch("results/<run>/images/parts/{part}-of-{parts}")),
    params:
        catalog=lambda wildcards, input: each("--catalog", input.catalog),
        manifest=each("--manifest", [f"results/{settings.run}/images/{split}.json" for split in SPLITS]),
        code=digest("lenspipe.stages.simulate", "lenspipe.surveys", ENGINES.module_of(settings.simulate.engine)),
    wildcard_constraints:
        part=r"\d+",
        parts=r"\d+",
    log:
        "results/<run>/logs/simulate_part/{part}-of-{parts}.log",
    benchmark:
        "results/<run>/benchmarks/simulate_part.{part}-of-{parts}.tsv"
    threads: cpus("simulate_part")
    resources:
        mem_mb=memory("simulate_part"),
        runtime=minutes("simulate_part"),
        dask_scheduler=settings.execution.dask_scheduler,
        block=settings.simulate.block,
    shell:
        r"""
        lenspipe simulate \
            --settings {input.settings:q} \
            {params.catalog} \
            {params.manifest} \
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
        backgrounds=BACKGROUNDS,
        catalog=expand("results/<run>/catalog/{split}.parquet", split=SPLITS),
        parts="results/<run>/logs/parts.log",
    output:  # the manifests alone, written last: a store that Snakemake tracked would be deleted by a kill
        manifest=expand("results/<run>/images/{split}.json", split=SPLITS),
    params:
        catalog=lambda wildcards, input: each("--catalog", input.catalog),
        manifest=lambda wildcards, output: each("--manifest", output.manifest),
        code=digest("lenspipe.stages.simulate", "lenspipe.surveys", ENGINES.module_of(settings.simulate.engine)),
    log:
        "results/<run>/logs/simulate.log",
    benchmark:
        "results/<run>/benchmarks/simulate.tsv"
    threads: cpus("simulate")
    resources:
        mem_mb=memory("simulate"),
        runtime=minutes("simulate"),
        dask_scheduler=settings.execution.dask_scheduler,  # no parameter: another cluster makes the same pixels
        block=settings.simulate.block,
    shell:
        r"""
        lenspipe simulate \
            --settings {input.settings:q} \
            {params.catalog} \
            {params.manifest} \
            --workers {threads} --scheduler={resources.dask_scheduler:q} \
            --block {resources.block} \
            --log {log:q}
        """
