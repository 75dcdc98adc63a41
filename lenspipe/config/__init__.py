"""Settings: declared once, with type, unit, range and meaning. Their values are only in config/config.yaml.

Science modules never import this package: commands pass settings to them as flat named arguments.
"""

from lenspipe.config.explain import explain, schema
from lenspipe.config.load import check, defaults_path, load, merge, read_stage, stage_settings
from lenspipe.config.messages import DEFAULTS
from lenspipe.config.schema import STAGES, Settings, stage_keys, stage_names
from lenspipe.config.survey import survey_of
from lenspipe.config.trainings import NO_HEAD, members_of, recipe_of
from lenspipe.config.yamlfile import read_yaml

__all__ = [
    "DEFAULTS",
    "NO_HEAD",
    "STAGES",
    "Settings",
    "check",
    "defaults_path",
    "explain",
    "load",
    "members_of",
    "merge",
    "read_stage",
    "read_yaml",
    "recipe_of",
    "schema",
    "stage_keys",
    "stage_names",
    "stage_settings",
    "survey_of",
]
