rule figures:
    """Every figure of the tables; it computes nothing."""
    input:
        tables=expand("results/<run>/tables/{table}", table=tables_of(FIGURES)),
    output:
        *[
            report(f"results/<run>/figures/{figure}.png", caption=f"../report/{figure}.rst", category="Figures")
            for figure in FIGURES
        ],
        pdf=expand("results/<run>/figures/{figure}.pdf", figure=FIGURES),
    params:
        run=subpath(output[0], ancestor=2),
        code=digest("lenspipe.stages.figures", *modules_of(FIGURES)),
    log:
        "results/<run>/logs/figures.log",
    benchmark:
        "results/<run>/benchmarks/figures.tsv"
    resources:
        mem_mb=memory("figures"),
        runtime=minutes("figures"),
    shell:
        r"""
        lenspipe figures \
            --run {params.run:q} \
            --log {log:q}
        """
