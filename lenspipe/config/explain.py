"""Documentation of the settings: as text, and as JSON schema."""

import json
from typing import get_args, get_origin

from pydantic import BaseModel

from lenspipe.config.schema import Settings


def schema():
    """The settings as JSON schema: str."""
    return json.dumps(Settings.model_json_schema(), indent=2) + "\n"


def explain():
    """Text (str) with one line per setting: name, type and range, meaning."""
    return "".join(f"{name:34} {kind:28} {meaning}\n" for name, kind, meaning in _rows(Settings, ""))


def _rows(section, prefix):
    for name, field in section.model_fields.items():
        kind = field.annotation
        entry = get_args(kind)[1] if get_origin(kind) is dict else None
        if _is_section(kind):
            yield from _rows(kind, f"{prefix}{name}.")
        elif _is_section(entry):
            yield from _rows(entry, f"{prefix}{name}.<name>.")
        else:
            limits = " ".join(
                f"{sign} {getattr(rule, key)}"
                for rule in field.metadata
                for key, sign in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))
                if hasattr(rule, key)
            )
            yield f"{prefix}{name}", f"{getattr(kind, '__name__', kind)} {limits}".strip(), field.description or ""


def _is_section(kind):
    return isinstance(kind, type) and issubclass(kind, BaseModel)
