"""What all sections of the settings are made of: no unknown keys, no conversion of types, bounds with a meaning."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lenspipe.config.messages import nearest

NAME = r"^[a-z][a-z0-9_]*$"  # of a training or a method: used in names of files and rules


def one_of(names):
    """A validator (function of a str) that lets the ``names`` (collection of str) pass; ValueError for another."""

    def check(name):
        if name not in names:
            raise ValueError(f"{name!r} is unknown{nearest(name, names)}; choose from {', '.join(names)}")
        return name

    return check


def member_of(family):
    """Type of a setting that is the name (str) of a member of the ``family`` (families.Family)."""
    return Annotated[str, AfterValidator(lambda name: one_of(sorted(family))(name))]


class Section(BaseModel):
    """Base of all sections: frozen, no unknown keys, no conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


Number = Annotated[float, Field(strict=False)]


def number(unit_and_meaning, **bounds):
    """Field of a setting that is a float or an int, described by ``unit_and_meaning`` (str), within ``bounds``."""
    return Field(description=unit_and_meaning, strict=False, **bounds)
