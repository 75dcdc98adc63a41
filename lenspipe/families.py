"""Families: folders with one member per file. A member is imported only when it is named."""

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

PACKAGE = Path(__file__).parent


class Family(Mapping):
    """Members of a folder by name: those of its files, without ``.py``. Files that begin with ``_`` are none.

    Parameters
    ----------
    folder : str
        Below this package, for example ``population/kinds``.
    attribute : str
        What each member's module offers under this name: a function or a class.
    module : str, optional
        Where a member is a folder: the module in it that has the attribute.
    """

    def __init__(self, folder, attribute, *, module=""):
        self.folder, self.attribute, self.module = folder, attribute, module

    def __getitem__(self, name):
        return getattr(import_module(self.module_of(name)), self.attribute)

    def __iter__(self):
        below = f"[!_]*/{self.module}.py" if self.module else "[!_]*.py"
        paths = (PACKAGE / self.folder).glob(below)
        return iter(sorted(path.parent.name if self.module else path.stem for path in paths))

    def __len__(self):
        return len(list(iter(self)))

    def __contains__(self, name):
        # One look at the file: a lookup may be in a loop over objects.
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            return False
        file = f"{name}/{self.module}.py" if self.module else f"{name}.py"
        return (PACKAGE / self.folder / file).is_file()

    def module_of(self, name):
        """Dotted name of the module (str) of the member ``name`` (str); KeyError for a name that is no member."""
        if name not in self:
            raise KeyError(f"{name!r} is not in {self.folder}; its members are {', '.join(self)}")
        parts = [PACKAGE.name, *self.folder.split("/"), name, *([self.module] if self.module else [])]
        return ".".join(parts)

    def options_of(self, name):
        """Arguments of a member's constructor that have a default, with it: dict of str to number or str.

        ``name`` (str) is the member. Its file is parsed, not imported: settings are checked without torch.
        """
        tree = ast.parse((PACKAGE / self.folder / f"{name}.py").read_text())
        member = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == self.attribute)
        inits = [n for n in member.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        arguments = [argument.arg for init in inits for argument in init.args.args]
        defaults = [ast.literal_eval(default) for init in inits for default in init.args.defaults]
        return dict(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True))

    def modules_of(self, names):
        """Dotted names (list of str) of the modules of several members, sorted: what a digest takes."""
        return sorted(self.module_of(name) for name in names)


KINDS = Family("population/kinds", "draw")
NETWORKS = Family("networks", "Network")
TASKS = Family("tasks", "Task")
ENGINES = Family("simulate/engines", "render", module="render")
