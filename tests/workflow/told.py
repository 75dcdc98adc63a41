"""What docs/rerunning.md tells: its tables, as data."""

import re
from collections import defaultdict


def read(text):
    """The tables of a Markdown page, those of one heading as one.

    Returns
    -------
    dict of str to list of (list of str, set of str)
        By the heading of the first column: the names in backticks of each row, and the columns that it marks.
    """
    tables, head = defaultdict(list), None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            head = None
        elif head is None:
            head, *columns = cells
        elif not cells[0].startswith("--"):
            marked = {column for column, cell in zip(columns, cells[1:], strict=True) if cell}
            tables[head].append((re.findall("`(.+?)`", cells[0]), marked))
    return dict(tables)


def by_name(table):
    """What is made again, by name."""
    return {name: made for names, made in table for name in names}


def by_file(table, folder):
    """What is made again, by file in a folder; a file's own name comes before a pattern that it fits."""
    told = {}
    for pattern, made in sorted(by_name(table).items(), key=lambda row: "*" not in row[0]):
        files = [path.relative_to(folder).as_posix() for path in sorted(folder.glob(pattern)) if path.is_file()]
        assert files, f"{pattern}: no such file"
        assert "*" not in pattern or not told.keys() & set(files), f"{pattern}: holds files of another row"
        told |= dict.fromkeys(files, made)
    return told
