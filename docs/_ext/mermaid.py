"""A flowchart of Mermaid's, as a drawing: what a forge draws by a script from the network is drawn here at the build.

Only what docs/workflow.md uses is known: ``a --> b``. The names stand in one column, in the order in which they are
first named as a start; each arrow is an arc next to them, downwards.
"""

import re
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROW, WIDTH, HEIGHT, MARGIN = 46, 150, 28, 4  # pixels
ARROW = re.compile(r"^\s*(\w+) --> (\w+)\s*$")


class Mermaid(SphinxDirective):
    has_content = True

    def run(self):
        arrows = [match.groups() for line in self.content if (match := ARROW.match(line))]
        if not arrows or len(arrows) < sum("-->" in line for line in self.content):
            raise self.error("only lines `a --> b` can be drawn")
        return [nodes.raw("", drawing(arrows), format="html")]


def drawing(arrows):
    """SVG of a column of names and arcs between them, in the colours of the page."""
    names = list(dict.fromkeys([start for start, _ in arrows] + [end for _, end in arrows]))
    place = {name: k for k, name in enumerate(names)}
    if wrong := [f"{a} --> {b}" for a, b in arrows if place[a] >= place[b]]:
        raise ValueError(f"{wrong[0]}: points upwards; name the starts in the order of the work")
    farthest = max(place[b] - place[a] for a, b in arrows)
    width, height = MARGIN + WIDTH + reach(farthest) / 2 + 3 * MARGIN, ROW * len(names)
    parts = [box(name, ROW * k + ROW / 2) for name, k in place.items()]
    parts += [arc(ROW * place[a] + ROW / 2, ROW * place[b] + ROW / 2, place[b] - place[a]) for a, b in arrows]
    said = escape("; ".join(f"{a} before {b}" for a, b in arrows))
    return (
        f'<svg class="flowchart" role="img" aria-label="{said}" viewBox="0 0 {width:g} {height}" width="{width:g}">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="currentColor"/></marker></defs>{"".join(parts)}</svg>'
    )


def reach(steps):
    """How far to the right an arc over so many rows is pulled."""
    return 40 + 34 * steps


def box(name, y):
    return (
        f'<rect x="{MARGIN}" y="{y - HEIGHT / 2}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="none" '
        f'stroke="currentColor"/><text x="{MARGIN + WIDTH / 2}" y="{y + 5}" text-anchor="middle" '
        f'fill="currentColor" font-size="14">{escape(name)}</text>'
    )


def arc(top, bottom, steps):
    style = 'fill="none" stroke="currentColor" stroke-opacity="0.65" marker-end="url(#tip)"'
    if steps == 1:
        x = MARGIN + WIDTH / 2
        return f'<path d="M{x},{top + HEIGHT / 2} L{x},{bottom - HEIGHT / 2}" {style}/>'
    x, shift = MARGIN + WIDTH, HEIGHT / 4
    pull = x + reach(steps) * 2 / 3
    return f'<path d="M{x},{top + shift} C{pull},{top + shift} {pull},{bottom - shift} {x},{bottom - shift}" {style}/>'


def setup(app):
    app.add_directive("mermaid", Mermaid)
    return {"parallel_read_safe": True}
