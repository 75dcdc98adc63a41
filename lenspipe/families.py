"""Families: folders with one member per file. A member is imported only when it is named."""

import ast
import functools
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
    collections : sequence of str, optional
        Files that hold many members of a library: ``<collection>:<name>`` is made with ``name``. Iteration gives the
        other members alone.
    """

    def __init__(self, folder, attribute, *, module="", collections=()):
        self.folder, self.attribute, self.module, self.collections = folder, attribute, module, collections

    def __getitem__(self, name):
        member = getattr(import_module(self.module_of(name)), self.attribute)
        collection, _, within = name.partition(":")
        return functools.partial(member, name=within) if collection in self.collections else member

    def __iter__(self):
        below = f"[!_]*/{self.module}.py" if self.module else "[!_]*.py"
        paths = (PACKAGE / self.folder).glob(below)
        names = (path.parent.name if self.module else path.stem for path in paths)
        return iter(sorted(name for name in names if name not in self.collections))

    def __len__(self):
        return len(list(iter(self)))

    def __contains__(self, name):
        # One look at the file: a lookup may be in a loop over objects.
        if not isinstance(name, str):
            return False
        collection, colon, within = name.partition(":")
        if bool(colon) != (collection in self.collections) or bool(colon) != bool(within):
            return False
        if not collection.isidentifier() or collection.startswith("_"):
            return False
        file = f"{collection}/{self.module}.py" if self.module else f"{collection}.py"
        return (PACKAGE / self.folder / file).is_file()

    def module_of(self, name):
        """Dotted name of the module (str) of the member ``name`` (str); KeyError for a name that is no member."""
        if name not in self:
            raise KeyError(f"{name!r} is not in {self.folder}; its members are {', '.join(self)}")
        file = name.partition(":")[0]
        parts = [PACKAGE.name, *self.folder.split("/"), file, *([self.module] if self.module else [])]
        return ".".join(parts)

    def options_of(self, name):
        """Arguments of a member's constructor that have a default, with it: dict of str to number or str.

        ``name`` (str) is the member. Its file is parsed, not imported: settings are checked without torch.
        """
        inits = [n for n in self._class_of(name).body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        arguments = [argument.arg for init in inits for argument in init.args.args]
        defaults = [ast.literal_eval(default) for init in inits for default in init.args.defaults]
        return dict(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True))

    def constant_of(self, name, constant, default=None):
        """The literal value of a ``constant`` (str) in the class of a member, ``name`` (str); ``default`` without one.

        Its file is parsed, not imported: settings are checked without torch.
        """
        for node in self._class_of(name).body:
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == constant and node.value:
                return ast.literal_eval(node.value)
        return default

    def _class_of(self, name):
        tree = ast.parse((PACKAGE / self.folder / f"{name.partition(':')[0]}.py").read_text())
        return next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == self.attribute)

    def modules_of(self, names):
        """Dotted names (list of str) of the modules of several members, sorted: what a digest takes."""
        return sorted(self.module_of(name) for name in names)


KINDS = Family("population/kinds", "draw")
NETWORKS = Family("networks", "Network", collections=("timm",))
TASKS = Family("tasks", "Task")
ENGINES = Family("simulate/engines", "render", module="render")
