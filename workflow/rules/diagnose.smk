FIGURES = {  # figure: the table that it is drawn from
    "false_positives_vs_radius": "false_positives_vs_radius.csv",
    "false_positives_by_kind": "false_positives_by_kind.csv",
    "roc": "roc.csv",
    "completeness_vs_arc_snr": "completeness_vs_arc_snr.csv",
    "purity_vs_completeness": "purity_vs_completeness.csv",
    "gallery": "gallery.npz",
    "reliability": "reliability.csv",
    "regression_calibration": "regression_calibration.csv",
    "regression_residuals": "regression_residuals.csv",
    "feature_maps": "feature_maps.npz",
    "attribution": "attribution.npz",
    "einstein_radius": "einstein_radius.csv",
    "scores_by_kind": "scores_by_kind.csv",
    "population": "population.csv",
    "training_history": "training_history.csv",
    "examples": "examples.npz",
    "twins": "twins.csv",
}
if "twins" not in SPLITS:
    del FIGURES["twins"]
if any(settings.train[name].task == "kind" for name in trainings_by_method(settings)[HEADLINE]):
    FIGURES["confusion"] = "confusion.csv"


rule diagnose:
    """Tables and figures: where finding and measuring fail."""
    input:
        settings="results/<run>/settings/diagnose.json",
        predictions=expand("results/<run>/predictions/network/{split}.parquet", split=SCORED),
        catalog=expand("results/<run>/catalog/{split}.parquet", split=SPLITS),
        images=expand("results/<run>/images/{split}.json", split=SPLITS),
        history=expand("results/<run>/models/{training}/history.csv", training=settings.train),
    output:
        *[
            report(f"results/<run>/figures/{figure}.png", caption=f"../report/{figure}.rst", category="Figures")
            for figure in FIGURES
        ],
        summary="results/<run>/tables/summary.csv",
        tables=expand("results/<run>/tables/{table}", table=FIGURES.values()),
        radii="results/<run>/tables/einstein_radius_objects.csv",
        shares="results/<run>/tables/attribution.csv",
        pdf=expand("results/<run>/figures/{figure}.pdf", figure=FIGURES),
    params:
        run=subpath(output.summary, ancestor=2),
        code=digest("lenspipe.stages.diagnose", "lenspipe.plots"),
    log:
        "results/<run>/logs/diagnose.log",
    benchmark:
        "results/<run>/benchmarks/diagnose.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing(30),
    shell:
        r"""
        lenspipe diagnose \
            --settings {input.settings:q} \
            --run {params.run:q} \
            --log {log:q}
        """
