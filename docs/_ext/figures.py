"""Directives for the figures of a run: their captions as they are declared, their pictures where a run has them."""

import os
from pathlib import Path

import declared
from docutils import nodes
from pieces import code, joined, paragraphs, section
from sphinx.util.docutils import SphinxDirective


class FigureOf(SphinxDirective):
    """One figure: its picture, its caption, what it is drawn from."""

    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        said = {figure: (tables, caption) for figure, _, tables, caption in declared.figures()}
        if name not in said:
            raise self.error(f"there is no figure {name!r}; there are {', '.join(said)}")
        return self.shown(name, *said[name])

    def shown(self, name, tables, caption):
        file = Path(self.env.srcdir) / self.config.lenspipe_run / "figures" / f"{name}.png"
        picture = []
        if file.exists():
            self.env.note_dependency(str(file))
            picture = [nodes.image(uri=f"/{os.path.relpath(file, self.env.srcdir)}", alt=name.replace("_", " "))]
        names = joined(f"tables/{table}" for table in tables)
        drawn = [nodes.Text("Drawn from "), *names, nodes.Text(" by "), code(f"lenspipe.plots.{name}"), nodes.Text(".")]
        told = nodes.container("", *paragraphs(caption), nodes.paragraph("", "", *drawn), classes=["caption-of-run"])
        return [*picture, told]


class OtherFigures(FigureOf):
    """A section for each figure that the page does not name."""

    required_arguments = 0

    def run(self):
        text = Path(self.env.doc2path(self.env.docname)).read_text()
        return [
            section(self, f"figure-{name}", title, self.shown(name, tables, caption))
            for name, title, tables, caption in declared.figures()
            if f"{{figure-of}} {name}\n" not in text
        ]


def setup(app):
    app.add_config_value("lenspipe_run", "../results/talk", "env")
    app.add_directive("figure-of", FigureOf)
    app.add_directive("other-figures", OtherFigures)
    return {"parallel_read_safe": True}
