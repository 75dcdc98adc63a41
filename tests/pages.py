"""Pages of the documentation as data: their code blocks, and the files that these are."""

import re

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
NAME = re.compile(r" ?# ([\w./-]+\.\w+)\n")


def blocks(text):
    """Code blocks in order, (language, text)."""
    return BLOCK.findall(text)


def sections(text):
    """Text under each heading of the second level, by heading."""
    heads = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(heads[::2], heads[1::2], strict=True))


def named(block):
    """Name and content of the file that a block is: its first line is a comment with the name; (None, block) else."""
    name = NAME.match(block)
    return (name[1], block[name.end() :].lstrip("\n")) if name else (None, block)


def changed(text, said):
    """A file's text after a change that a ``diff`` block shows.

    Lines that begin with a space stand in the file, once each; those with ``-`` too, and go; those with ``+`` come
    after the line before them.
    """
    lines, place = text.splitlines(), None
    for line in said.splitlines():
        if line.startswith("+"):
            lines.insert(place, line[1:])
            place += 1
            continue
        assert lines.count(line[1:]) == 1, f"{line[1:]!r} does not stand in the file once"
        place = lines.index(line[1:]) + (line[0] == " ")
        if line[0] == "-":
            del lines[place]
    return "\n".join(lines) + "\n"
