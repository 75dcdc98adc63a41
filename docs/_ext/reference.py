"""Directives that show what lenspipe declares of itself (``declared``): the pages hold prose, these the tables."""

import declared
import yaml
from docutils import nodes
from pieces import code, joined, listed, paragraphs, section, table, words
from sphinx.util.docutils import SphinxDirective

from lenspipe.surveys import DESCRIPTIVE_FIELDS, Band, Survey

LISTS = {"reads": "input", "writes": "output", "log": "log", "time and memory": "benchmark"}


class Columns(SphinxDirective):
    """The columns of a family of tables."""

    required_arguments = 1

    def run(self):
        (family,) = self.arguments
        columns = declared.columns_of(family)
        rows = [([code(name)], [code(dtype)], unit, meaning) for name, dtype, unit, meaning in columns]
        return [table(("column", "dtype", "unit", "meaning"), rows, [f"column-{family}-{c[0]}" for c in columns])]


class Settings(SphinxDirective):
    """Every setting, section by section."""

    def run(self):
        sections = {}
        for setting in declared.settings():
            name, dot, _ = setting[0].partition(".")
            sections.setdefault(name if dot else "shared", []).append(setting)
        return [section(self, f"settings-{name}", name, [self.rows(rows)]) for name, rows in sections.items()]

    def rows(self, settings):
        head = ("setting", "type", "range", "unit", "default", "meaning", "a change counts for")
        shown = [
            ([code(key)], kind, limits, unit, [code(in_yaml(default))], words(meaning), joined(stages))
            for key, kind, unit, meaning, limits, default, stages in settings
        ]
        return table(head, shown, [f"setting-{s[0]}" for s in settings])


def in_yaml(value):
    """A value as it is written in a settings file, on one line."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).removesuffix("...\n").strip()


class Commands(SphinxDirective):
    """Every command with its arguments and options."""

    def run(self):
        return [self.command(*command) for command in declared.commands()]

    def command(self, name, said, parameters):
        needed = [f"{p[0]} ..." if p[0].startswith("-") else p[0] for p in parameters if p[2] == "required"]
        call = " ".join(["lenspipe", name, *needed])
        rows = [([code(names)], kind, default, meaning) for names, kind, default, meaning in parameters]
        children = [
            *paragraphs(said),
            nodes.literal_block(call, call, language="bash"),
            table(("argument or option", "type", "default", "meaning"), rows),
        ]
        return section(self, f"command-{name}", f"lenspipe {name}", children)


class Files(SphinxDirective):
    """What every rule reads and writes."""

    def run(self):
        return [
            section(self, f"rule-{rule}", rule, [*paragraphs(said["doc"]), self.files(said)])
            for rule, said in declared.rules().items()
            if said["output"]
        ]

    def files(self, said):
        return listed(
            [nodes.Text(f"{word} "), *joined(grouped(said[name]))] for word, name in LISTS.items() if said[name]
        )


def grouped(files):
    """Files of one folder and ending as one: figures/{a,b}.png"""
    groups = {}
    for file in files:
        folder, slash, name = file.rpartition("/")
        stem, dot, ending = name.rpartition(".")
        groups.setdefault((folder + slash, dot + ending), []).append(stem)
    return [
        folder + (stems[0] if len(stems) == 1 else "{" + ",".join(stems) + "}") + ending
        for (folder, ending), stems in groups.items()
    ]


class Members(SphinxDirective):
    """The members of a registry: kinds, networks or surveys."""

    required_arguments = 1

    def run(self):
        (family,) = self.arguments
        return [
            section(self, f"{family.removesuffix('s')}-{name}", name, children)
            for name, children in getattr(self, family)()
        ]

    def kinds(self):
        for name, module, draw, share in declared.kinds():
            yield (
                name,
                paragraphs(f"{module}\n\n{draw}" + (f"\n\nDefault share of the non-lenses: {share}." * bool(share))),
            )

    def networks(self):
        for name, said, weights, layers in declared.networks():
            told = f"{said}\n\n{weights:,} weights as classifier with the default bands and size of images."
            shown = nodes.paragraph(
                "", "", nodes.Text("Layers that the figure of feature maps shows: "), *joined(layers)
            )
            yield name, [*paragraphs(told), shown]

    def tasks(self):
        for name, text in declared.tasks():
            yield name, paragraphs(text)

    def surveys(self):
        for name, survey in declared.surveys():
            camera = [key for key in type(survey).model_fields if key not in ("name", "bands", *DESCRIPTIVE_FIELDS)]
            of_band = list(Band.model_fields)
            bands = [(band, *(values(getattr(one, key)) for key in of_band)) for band, one in survey.bands.items()]
            numbers = [
                ([code(key)], values(getattr(survey, key)), Survey.model_fields[key].description) for key in camera
            ]
            said = survey.published
            where = f"in an aperture of {said.aperture:g} arcsec" if said.aperture else "of a point source"
            depth = ", ".join(f"{band} {value:g}" for band, value in said.depth.items())
            yield (
                name,
                [
                    *paragraphs(f"{survey.about}\n\nPublished depth, {said.signal_to_noise:g} sigma {where}: {depth}."),
                    table(("camera and images", "value", "what it is"), numbers),
                    table(("band", *(f"`{key}`" for key in of_band)), bands),
                    table(("number", "source"), [([code(key)], source) for key, source in survey.sources.items()]),
                ],
            )


def values(value):
    """A number, or several of which each is equally likely."""
    return value if not isinstance(value, tuple) else ", ".join(map(str, value))


def always_outdated(app, env, added, changed, removed):
    """Pages that follow from the code: their own text does not say when they change."""
    return [page for page in env.found_docs if page.startswith(("reference/", "reading", "science"))]


def setup(app):
    app.connect("env-get-outdated", always_outdated)
    app.add_directive("columns-of", Columns)
    app.add_directive("all-settings", Settings)
    app.add_directive("all-commands", Commands)
    app.add_directive("all-files", Files)
    app.add_directive("members-of", Members)
    return {"parallel_read_safe": True}
