"""Names of timm's architectures, found without importing it: settings are checked without torch."""

import functools
import importlib.util
import re
from pathlib import Path

from lenspipe.config.messages import nearest

PREFIX = "timm:"


@functools.cache
def timm_names():
    """Names (list of str) of the architectures of the timm that is installed, sorted; none if there is no timm."""
    found = importlib.util.find_spec("timm")
    if not found:
        return []
    files = (Path(found.origin).parent / "models").glob("*.py")
    declared = re.compile(r"^@register_model(?:\(.*\))?\s+def (\w+)\(", re.MULTILINE)
    return sorted(name for file in files for name in declared.findall(file.read_text()))


def check_timm_name(network):
    """ValueError, one line, if timm is not installed or has no such ``network`` (str, ``timm:<name>``)."""
    names, name = timm_names(), network.removeprefix(PREFIX)
    if not names:
        raise ValueError(f"{network!r} needs timm; pip install 'lenspipe[timm]'")
    if name not in names:
        raise ValueError(f"{network!r}: timm has no architecture {name!r}{nearest(name, names)}")
