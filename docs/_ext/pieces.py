"""Pieces of a page: tables, sections, pictures, as docutils' nodes."""

import re

from docutils import nodes

CODE = re.compile(r"``(.+?)``|`(.+?)`")


def words(text):
    """Text in which backticks mark code, as nodes."""
    found, end = [], 0
    for match in CODE.finditer(text):
        found += [nodes.Text(text[end : match.start()]), code(match.group(1) or match.group(2))]
        end = match.end()
    return [*found, nodes.Text(text[end:])]


def code(text):
    return nodes.literal("", str(text))


def paragraphs(text):
    """A text with empty lines between its paragraphs."""
    return [nodes.paragraph("", "", *words(" ".join(part.split()))) for part in text.strip().split("\n\n")]


def table(head, rows, ids=None):
    """A table.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences
        Cells: text in which backticks mark code, or a list of nodes.
    ids : sequence of str, optional
        Of the rows, to be linked to.
    """
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *(_row(row, id) for row, id in zip(rows, ids or [None] * len(rows), strict=True)))
    return nodes.table("", group, classes=["declared"])


def _row(cells, id=None):
    row = nodes.row()
    for cell in cells:
        inside = cell if isinstance(cell, list) else words(str(cell))
        row += nodes.entry("", nodes.paragraph("", "", *inside))
    if id:
        row[0]["ids"].append(id)
    return row


def joined(names):
    """Names with commas between them."""
    return [node for name in names for node in (nodes.Text(", "), code(name))][1:]


def listed(items):
    """A list of points: lists of nodes."""
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", "", *item)) for item in items))


def section(directive, id, title, children):
    """A section that any page can link to: ``[](#id)``."""
    directive.env.domains["std"].note_hyperlink_target(id, directive.env.docname, id, title)
    return nodes.section("", nodes.title("", title), *children, ids=[id], names=[])
