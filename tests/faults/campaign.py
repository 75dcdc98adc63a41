"""Many faults and many hostile inputs, and a table of what came of them.

python tests/faults/campaign.py --faults 1000 --inputs 1000 --output docs/reliability.md
"""

import argparse
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import children
import inputs
from faulty_works import faults
from table import Table


def hostile_inputs(count, folder, seed=1):
    """Try ``count`` inputs, evenly over the kinds: Table."""
    folder, table = Path(folder), Table()
    kinds = list(inputs.KINDS)
    status, printed = children.run(inputs.prepare, folder)
    assert status == 0, printed
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda k: _input(folder, kinds[k % len(kinds)], seed * 10**6 + k), range(count)):
            table.add(**found)
    return table


def _input(folder, kind, number):
    own = folder / f"{kind.replace(' ', '_')}_{number}"
    own.mkdir()
    status, printed = children.run(inputs.hand_in, kind, number, folder, own)
    case = f"{kind} {number}: status {status}\n{printed[-1500:]}"
    lines = [line for line in printed.splitlines() if line.startswith("lenspipe: ")]
    bad = status not in (0, 2) or "Traceback" in printed or (status == 2 and len(lines) != 1)
    return {"kind": f"input: {kind}", "traceback": bad and case}


def write_into(page, table):
    """Replace what stands between the page's two markers."""
    begin, end = "<!-- faults: begin -->\n", "<!-- faults: end -->"
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: begin + table + end, page.read_text(), flags=re.DOTALL))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="page whose table is replaced")
    options = parser.parse_args()
    both = Table()
    for part, count in ((faults, options.faults), (hostile_inputs, options.inputs)):
        with tempfile.TemporaryDirectory() as folder:
            found = part(count, folder, options.seed)
        both.counts |= found.counts
        both.failures += found.failures
    print(both.markdown(), end="")
    for kind, name, case in both.failures:
        print(f"--- {name}: {kind}: {case}")
    if options.output:
        write_into(options.output, both.markdown())
    sys.exit(bool(both.failures))


if __name__ == "__main__":
    main()
