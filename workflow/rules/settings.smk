localrules:
    settings,
    grid_settings,


rule settings:
    """What one stage depends on, so that editing a plot never simulates again."""
    output:
        "results/<run>/settings/{stage}.json",
    wildcard_constraints:
        stage="|".join(STAGES),
    params:
        said=lambda wildcards: json.dumps(stage_settings(settings, wildcards.stage), indent=1),
    log:
        "results/<run>/logs/settings/{stage}.log",
    shell:
        r"""
        printf '%s\n' {params.said:q} > {output:q} 2> {log:q}
        """


rule grid_settings:
    """The same for one training of the grid: its own seed and network, all else as in the run's."""
    output:
        "results/<run>/grid/{member}/settings/train_{task}.json",
    wildcard_constraints:
        member=MEMBER,
        task="classifier|regressor",
    params:
        said=lambda wildcards: json.dumps(
            member_named(wildcards.member).settings(
                wildcards.task, stage_settings(settings, f"train_{wildcards.task}")
            ),
            indent=1,
        ),
    log:
        "results/<run>/logs/grid/{member}/settings_{task}.log",
    shell:
        r"""
        printf '%s\n' {params.said:q} > {output:q} 2> {log:q}
        """
