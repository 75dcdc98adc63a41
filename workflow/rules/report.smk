rule report:
    """One page with everything, that opens offline; times and memory of the stages before it."""
    input:
        settings="results/<run>/settings/report.json",
        summary="results/<run>/tables/summary.csv",
        figures=rules.figures.output,
        realism=rules.realism.output if settings.realism.stamps else [],
        captions=expand("workflow/report/{figure}.rst", figure=[*FIGURES, *REALISM, *figures_of("report")]),
    output:
        report("results/<run>/figures/stage_times.png", caption="../report/stage_times.rst", category="Times"),
        page="results/<run>/report.html",
        times="results/<run>/tables/stage_times.csv",
        pdf="results/<run>/figures/stage_times.pdf",
    params:
        run=subpath(output.page, parent=True),
        code=digest("lenspipe.stages.report", *modules_of(figures_of("report"))),
    log:
        "results/<run>/logs/report.log",
    benchmark:
        "results/<run>/benchmarks/report.tsv"
    resources:
        mem_mb=memory("report"),
        runtime=minutes("report"),
    shell:
        r"""
        lenspipe report \
            --run {params.run:q} \
            --output {output.page:q} \
            --log {log:q}
        """
