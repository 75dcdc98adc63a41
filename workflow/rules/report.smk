rule report:
    """One page with everything, that opens offline."""
    input:
        settings="results/<run>/settings/report.json",
        summary="results/<run>/tables/summary.csv",
        figures=expand("results/<run>/figures/{figure}.png", figure=FIGURES),
        captions=expand("workflow/report/{figure}.rst", figure=FIGURES),
    output:
        "results/<run>/report.html",
    params:
        run=subpath(output[0], parent=True),
        code=digest("lenspipe.report"),
    log:
        "results/<run>/logs/report.log",
    benchmark:
        "results/<run>/benchmarks/report.tsv"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    shell:
        r"""
        lenspipe report \
            --run {params.run:q} \
            --output {output:q} \
            --log {log:q}
        """
