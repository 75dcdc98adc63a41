"""Formulas as MathML, which browsers show by themselves: no script, no network, no LaTeX.

The translation is docutils' own; it does not know every command of LaTeX and says so.
"""

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.logging import getLogger

log = getLogger(__name__)


def inline(translator, node):
    show(translator, node, as_block=False)


def block(translator, node):
    show(translator, node, as_block=True)


def show(translator, node, as_block):
    try:
        formula = tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        log.warning("formula that docutils cannot translate: %s", error, location=node)
        formula = f"<code>{translator.encode(node.astext())}</code>"
    translator.body.append(f'<div class="formula">{formula}</div>' if as_block else formula)
    raise SkipNode  # the formula's own text is not shown next to its translation


def setup(app):
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
