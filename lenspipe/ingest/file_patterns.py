"""Patterns of file names: ``g,r=stamps/{name}_{band}.fits[SCI]``."""

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
class FilePattern:
    """File and extension of one band.

    Attributes
    ----------
    band : str
    pattern : str
        Path; names in braces are replaced by the object's values in these columns.
    extension : str or None
        Name or number of the extension, if given.
    planes : tuple of str
        The bands in the same file; empty if the file holds this band alone.
    ordered : bool
        Whether the user named the bands, ``g=`` or ``g,r,i=``, which are then in the order of the file.
    """

    band: str
    pattern: str
    extension: str | None = None
    planes: tuple = ()
    ordered: bool = False

    @property
    def columns(self):
        """Names (list of str) of the catalogue's columns in the pattern; empty if one file holds all objects."""
        return COLUMN.findall(self.pattern)

    def path(self, row):
        """The file of one object.

        Parameters
        ----------
        row : mapping
            The object's row of the catalogue, as the user wrote it.

        Returns
        -------
        path

        Raises
        ------
        CutoutError
            If a column in the pattern is empty.
        """
        words = {column: _word(row[column]) for column in self.columns}
        if empty := [column for column, word in words.items() if not word]:
            raise CutoutError(f"column {empty[0]!r} of the catalogue is empty; give the name of the {self.band} file")
        return Path(COLUMN.sub(lambda match: words[match[1]], self.pattern))


def columns_in(texts):
    """Names (list of str) in braces in ``texts`` (sequence of str), the bands' own among them."""
    return [name for text in texts for name in COLUMN.findall(text)]


def read_file_patterns(option, texts, *, bands, columns):
    """Parse the file patterns of an option.

    Parameters
    ----------
    option : str
        Name of the option, for messages.
    texts : sequence of str
        ``PATTERN`` for all bands or ``BANDS=PATTERN``. ``{band}`` is replaced by the band, ``{column}`` by the object's
        value in that column; ``[NAME]`` at the end names an extension.
    bands : sequence of str
        Bands of the store.
    columns : sequence of str
        Columns of the catalogue.

    Returns
    -------
    dict of str to FilePattern
        By band.

    Raises
    ------
    InputError
        For a band that is unknown, given twice or missing, and for an unknown column.
    """
    patterns = {}
    for text in texts:
        named, pattern, extension = _parts(text)
        pattern_bands = named or list(bands)
        if unknown := [band for band in pattern_bands if band not in bands]:
            raise InputError(
                f"{option} {text}: {unknown[0]!r} is not one of the bands {' '.join(bands)}; correct it or give --bands"
            )
        same_file = len(pattern_bands) > 1 and "{band}" not in text
        for band in pattern_bands:
            if band in patterns:
                raise InputError(f"{option}: band {band} is given twice; give each band one file or pattern")
            filled = (part and part.replace("{band}", band) for part in (pattern, extension))
            planes = tuple(pattern_bands) if same_file else ()
            patterns[band] = FilePattern(band, *filled, planes=planes, ordered=bool(named))
    if missing := [band for band in bands if band not in patterns]:
        raise InputError(f"{option}: no file for band {missing[0]}; give one, or leave the band out of --bands")
    for column in (column for one in patterns.values() for column in one.columns):
        if column not in columns:
            available = ", ".join(columns) or "none, give --catalog"
            raise InputError(f"{option}: the catalogue has no column {column!r} for {{{column}}}; columns: {available}")
    return patterns


def numbers_by_band(option, texts, bands):
    """Parse numbers by band.

    Parameters
    ----------
    option : str
        Name of the option, for messages.
    texts : sequence of str
        ``30`` for all bands or ``g=30`` for one.
    bands : sequence of str
        Bands of the store.

    Returns
    -------
    dict of str to float
        By band.

    Raises
    ------
    InputError
        For an unknown band, or a text that is not a number.
    """
    numbers = {}
    for text in texts:
        named, value, _ = _parts(text)
        if unknown := [band for band in named if band not in bands]:
            raise InputError(f"{option} {text}: {unknown[0]!r} is not one of the bands {' '.join(bands)}; correct it")
        try:
            numbers |= dict.fromkeys(named or bands, float(value))
        except ValueError:
            raise InputError(f"{option} {text}: {value!r} is not a number; write 30 or g=30") from None
    return numbers


def _parts(text):
    """Bands that are named, pattern, extension."""
    match = BANDS_FIRST.fullmatch(text)
    named = [band for band in match[1].split(",") if band] if match else []
    return named, *EXTENSION_LAST.fullmatch(match[2] if match else text).groups()


def _word(value):
    """A value of the catalogue as part of a name: of a whole number with gaps, which is a float, the number alone."""
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
