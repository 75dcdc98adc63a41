"""Print the modules behind each digest of the workflow, as JSON: python digests.py SNAKEMAKE_ARGUMENTS"""

import contextlib
import io
import json
import sys

from lenspipe import provenance

ASKED = []


def record(*modules):
    """Stands in for ``provenance.code_digest``."""
    ASKED.append(sorted(modules))
    return "|".join(modules)


def main(arguments):
    provenance.code_digest = record
    from snakemake.cli import main as snakemake

    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        snakemake(["--dry-run", "--quiet", "all", *arguments])
    print(json.dumps(sorted(map(list, set(map(tuple, ASKED))))))


if __name__ == "__main__":
    main(sys.argv[1:])
