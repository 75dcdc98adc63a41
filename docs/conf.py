"""The documentation's site. To build it: python3 bootstrap.py sphinx-build -W docs docs/_build/html

Nothing is fetched, neither when it is built nor when it is read.
"""

import os
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_ext")]
paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
os.environ["PYTHONPATH"] = os.pathsep.join(paths)  # the code on a page runs in a process of its own

project = "lenspipe"
author = "the lenspipe developers"
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "api",  # this and what follows: in _ext
    "figures",
    "mathml",
    "mermaid",
    "reference",
]
exclude_patterns = ["_build", "_ext"]
add_module_names = False
smartquotes = False  # two hyphens are an option's
default_role = "code"  # single backticks in docstrings
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!lenspipe\.).*")]  # other projects' names, which only a network would resolve

myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3

nb_execution_mode = "force"  # figures follow from the code, which no cache would look at
nb_execution_raise_on_error = True
nb_execution_timeout = 300  # seconds; where the renderer's loops are not compiled yet, that is done here
nb_execution_excludepatterns = ["notebooks/*"]  # they need a finished run; tests execute them

autodoc_default_options = {
    "members": True,
    "ignore-module-all": True,
    "exclude-members": "model_config",
    "member-order": "bysource",
}
autodoc_typehints = "none"  # docstrings say more: shapes and units
autodoc_mock_imports = ["timm"]  # optional
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]  # a list, like the parameters
napoleon_use_param = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_title = "lenspipe"
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["lenspipe.css"]
html_show_sourcelink = False
html_sidebars = {"**": ["pages"]}
html_theme_options = {
    "navbar_center": [],
    "navigation_with_keys": False,
    # the last match counts; wide tables take the room of the list of headings
    "secondary_sidebar_items": {"**": ["page-toc"], "reference/settings": [], "reference/columns": []},
    "show_toc_level": 2,
}
