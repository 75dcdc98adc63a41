"""A page for each package of lenspipe, with every public module: written to docs/generated/api before the build."""

import ast
from pathlib import Path

import lenspipe

PACKAGE = Path(lenspipe.__file__).parent
TITLE = "{name}\n{line}\n\n"
MODULE = ".. automodule:: {name}\n\n"
MEMBER = ".. auto{what}:: {name}\n\n"


def public_modules():
    """Full names of the modules that are not private, in the order of their paths."""
    files = (path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")))
    names = (".".join(part for part in file.parts if part != "__init__") for file in files)
    return sorted(name for name in names if not any(part.startswith("_") for part in name.split(".")))


def pages():
    """Text of each page by its name; modules that stand by themselves share one."""
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    made = {}
    for name in public_modules():
        parts = name.split(".")
        page = ".".join(parts[:2]) if len(parts) > 1 and parts[1] in folders else "lenspipe"
        heading = TITLE.format(name=name, line=("=" if name == page else "-") * len(name))
        made[page] = made.get(page, "") + heading + MODULE.format(name=name) + "".join(lent(name))
    return made


def lent(name):
    """What a package offers of its private modules, which have no place of their own."""
    path = PACKAGE.parent.joinpath(*name.split(".")) / "__init__.py"
    tree = ast.parse(path.read_text() if path.exists() else "")
    offered = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module.rpartition(".")[2].startswith("_"):
            for one in (alias.name for alias in node.names if offered and alias.name in offered[0]):
                yield MEMBER.format(what="class" if one[0].isupper() else "function", name=f"{name}.{one}")


def write(app):
    folder = Path(app.srcdir) / "generated" / "api"
    folder.mkdir(parents=True, exist_ok=True)
    made = {f"{page}.rst": text for page, text in pages().items()}
    for old in {path.name for path in folder.iterdir()} - made.keys():
        (folder / old).unlink()
    for name, text in made.items():
        if not (folder / name).exists() or (folder / name).read_text() != text:
            (folder / name).write_text(text)


def keep_bars(app, what, name, obj, options, lines):
    """A bar is an absolute value, not the mark of a substitution; code stays as it is."""
    for k, line in enumerate(lines):
        parts = line.split("``")  # every second one is code
        lines[k] = "``".join(part if k % 2 else part.replace("|", r"\|") for k, part in enumerate(parts))


def end_sections(app, what, name, obj, options, lines):
    """A paragraph after a docstring's sections belongs to none of them: two empty lines before it say so."""
    first = next((k for k, line in enumerate(lines) if set(line.strip()) == {"-"}), len(lines))
    for k in range(len(lines) - 1, first, -1):
        here, after = lines[k], [*lines[k + 1 :], ""][0]
        stands_alone = here.strip() and not here.startswith(" ") and not lines[k - 1].strip()
        if stands_alone and not after.startswith((" ", "-")):
            lines.insert(k, "")


def setup(app):
    app.connect("autodoc-process-docstring", keep_bars, priority=400)
    app.connect("autodoc-process-docstring", end_sections, priority=400)  # before napoleon reads it
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
