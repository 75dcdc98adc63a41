"""Where pixels lie, as a user says it: ``g,r=stamps/{name}_{band}.fits[SCI]``."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lenspipe.errors import InputError
from lenspipe.ingest.errors import CutoutError

BANDS_FIRST = re.compile(r"([\w,]+)=(.+)", re.DOTALL)
EXTENSION_LAST = re.compile(r"(.+?)(?:\[([^\[\]]+)\])?", re.DOTALL)
COLUMN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Place:
    """Where the planes of one band lie.

    Attributes
    ----------
    band : str
    pattern : str
        Path; what stands in braces is filled from the object's row.
    extension : str or None
        Name or number of the extension, if said.
    planes : tuple of str
        The bands that lie in the same file; empty if the file is of this band alone.
    ordered : bool
        Whether the user has named ``planes`` in the order in which they lie.
    """

    band: str
    pattern: str
    extension: str | None = None
    planes: tuple = ()
    ordered: bool = False

    @property
    def columns(self):
        """Columns of the catalogue that the path is made from; none if all objects lie in one file."""
        return COLUMN.findall(self.pattern)

    def path(self, row):
        """The file of one object.

        Parameters
        ----------
        row : mapping
            Its row of the catalogue.

        Raises
        ------
        CutoutError
            If its row leaves a name empty.
        """
        for column in self.columns:
            if pd.isna(row[column]) or str(row[column]).strip() == "":
                raise CutoutError(f"column {column!r} of the catalogue is empty; give the name of the {self.band} file")
        return Path(COLUMN.sub(lambda found: str(row[found[1]]).strip(), self.pattern))


def read_places(option, texts, bands, columns):
    """Places by band.

    Parameters
    ----------
    option : str
        Its name, for messages.
    texts : sequence of str
        ``PATTERN`` for all bands or ``BANDS=PATTERN``. ``{band}`` stands for the band, ``{column}`` for what is in the
        object's row, ``[NAME]`` at the end for an extension.
    bands : sequence of str
    columns : sequence of str
        Of the catalogue.

    Returns
    -------
    dict of str to Place

    Raises
    ------
    InputError
        For a band that is unknown, said twice or not at all, and for a column that is not there.
    """
    places = {}
    for text in texts:
        named, pattern, extension = _parts(text)
        own = named or list(bands)
        if unknown := [band for band in own if band not in bands]:
            raise InputError(
                f"{option} {text}: {unknown[0]!r} is none of the bands {' '.join(bands)}; name those or give --bands"
            )
        together = len(own) > 1 and "{band}" not in text
        for band in own:
            if band in places:
                raise InputError(f"{option}: band {band} is given twice; give each band one file or pattern")
            filled = (part and part.replace("{band}", band) for part in (pattern, extension))
            places[band] = Place(band, *filled, tuple(own) if together else (), bool(named))
    if absent := [band for band in bands if band not in places]:
        raise InputError(f"{option}: none for band {absent[0]}; give it, or leave the band out of --bands")
    for column in (column for place in places.values() for column in place.columns):
        if column not in columns:
            has = ", ".join(columns) or "none: give --catalog"
            raise InputError(f"{option}: there is no column {column!r} for {{{column}}}; columns: {has}")
    return places


def by_band(option, texts, bands):
    """Numbers by band, from ``30`` for all bands or ``g=30`` for one; InputError if one is none."""
    numbers = {}
    for text in texts:
        named, value, _ = _parts(text)
        if unknown := [band for band in named if band not in bands]:
            raise InputError(f"{option} {text}: {unknown[0]!r} is none of the bands {' '.join(bands)}; name those")
        try:
            numbers |= dict.fromkeys(named or bands, float(value))
        except ValueError:
            raise InputError(f"{option} {text}: {value!r} is no number; write 30 or g=30") from None
    return numbers


def _parts(text):
    """Bands that are named, pattern, extension."""
    found = BANDS_FIRST.fullmatch(text)
    named = [band for band in found[1].split(",") if band] if found else []
    return named, *EXTENSION_LAST.fullmatch(found[2] if found else text).groups()
