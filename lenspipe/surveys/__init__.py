"""Surveys by name. Each is a YAML file in this folder; to add a survey, add a file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from lenspipe.surveys._coadd import APERTURE, DEPTH_SIGMA, Coadd, aperture_overlap, coadd_weights
from lenspipe.surveys._moffat import effective_fwhm, moffat_alpha
from lenspipe.surveys._survey import DESCRIPTIVE_FIELDS, Band, Published, Survey


@cache
def _read(path):
    return Survey.model_validate(yaml.safe_load(path.read_text()) | {"name": path.stem})


class _Folder(Mapping):
    """Surveys by name; a file is read when its survey is requested."""

    def __init__(self):
        self.paths = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}

    def __getitem__(self, name):
        return _read(self.paths[name])

    def __contains__(self, name):
        return name in self.paths

    def __iter__(self):
        return iter(self.paths)

    def __len__(self):
        return len(self.paths)


SURVEYS = _Folder()

__all__ = [
    "APERTURE",
    "DEPTH_SIGMA",
    "DESCRIPTIVE_FIELDS",
    "SURVEYS",
    "Band",
    "Coadd",
    "Published",
    "Survey",
    "aperture_overlap",
    "coadd_weights",
    "effective_fwhm",
    "moffat_alpha",
]
