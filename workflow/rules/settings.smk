localrules:
    settings,


rule settings:
    """What one stage depends on, so that editing a plot never simulates again."""
    output:
        "results/<run>/settings/{stage}.json",
    wildcard_constraints:
        stage="|".join(stage_names(settings)),
    params:
        values=lambda wildcards: json.dumps(stage_settings(settings, wildcards.stage), indent=1),
    log:
        "results/<run>/logs/settings/{stage}.log",
    shell:
        r"""
        printf '%s\n' {params.values:q} > {output:q} 2> {log:q}
        """
