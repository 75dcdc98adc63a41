"""Kill every stage in every way, restart plainly, and count what is lost and what is wrong.

python tests/workflow/kill_campaign.py --times 3 --output docs/reliability.md
"""

import argparse
import json
import os
import random
import re
import signal
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from clones import Clone
from outcomes import MADE, digests, finished, kept_epochs, lost, resumed_epochs, written_chunks

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "run": "tiny",
    "bands": ["g", "i"],
    "num_pix": 17,
    "population": {"counts": {"train": 1024, "val": 128, "test": 128, "twins": 16}, "lens_fraction": {"test": 0.5}},
    "simulate": {"block": 256},  # four chunks to train on, for two workers
    "train": {"classifier": {"epochs": 3}, "regressor": {"network": "cnn", "epochs": 3}},
    "predict": {"d4_average": False},
}
SNAKEMAKE = ["--cores", "2", "--configfile", "tiny.json"]
WORKER, STAGE, ALL = "a worker", "the stage", "Snakemake and all below"
KINDS = {WORKER: ["simulate"], STAGE: list(MADE), ALL: list(MADE)}
UNTIL = {WORKER: ["simulate"], STAGE: [], ALL: []}  # what Snakemake is asked for: the images alone, or all


class Campaign:
    """An undisturbed run, and passes in which each stage is killed once."""

    def __init__(self, folder, seed=1):
        self.folder = Path(folder)
        self.seed = seed
        self.times, self.lost, self.wrong = Counter(), Counter(), Counter()
        clone = self._clone("undisturbed")
        process, self.seconds = clone.start(*SNAKEMAKE, output=clone.told), {}
        while process.poll() is None:
            for stage, job in _running(process).items():
                self.seconds[stage] = max(self.seconds.get(stage, 0), _cpu_seconds(job))
            time.sleep(0.03)
        _check(process, clone)
        self.expected = {stage: digests(clone.results, stage) for stage in MADE}

    def run(self, times):
        """Kill until each stage was killed so many times in each way; what ended before its kill is tried again.

        The ways side by side: a run that starts again waits more than it computes.
        """
        with ThreadPoolExecutor(len(KINDS)) as pool:
            for done in [pool.submit(self._kill_by, kind, times) for kind in KINDS]:
                done.result()

    def table(self):
        """Markdown, a row for each kind and stage."""
        rows = [
            f"| {kind} | {stage} | {self.times[kind, stage]} | {self.lost[kind, stage]} | {self.wrong[kind, stage]} |"
            for kind, stages in KINDS.items()
            for stage in stages
        ]
        return "\n".join(["| killed | during | times | lost | wrong |", "|---|---|---|---|---|", *rows]) + "\n"

    def _kill_by(self, kind, times):
        rng = random.Random(f"{self.seed} {kind}")
        for n in range(times + 3):
            wanted = [stage for stage in KINDS[kind] if self.times[kind, stage] < times]
            if wanted:
                moments = {stage: rng.uniform(0.05, 0.8) * self.seconds[stage] for stage in wanted}
                self._pass(f"{kind.replace(' ', '_')}_{n}", kind, moments, marked=n == 0)

    def _pass(self, name, kind, moments, marked):
        """One run to its end through a kill in each of the stages, after as many seconds of the CPU."""
        clone = self._clone(name)
        snakemake = [*UNTIL[kind], *SNAKEMAKE]
        process, kills = clone.start(*snakemake, output=clone.told), []
        while stage := _kill_next(kind, process, clone.results, moments, marked):
            del moments[stage]
            marks = finished(clone.results, self.expected, under_way={stage, *_not_done(clone)})
            kills.append((stage, marks, kept_epochs(clone.results, stage)))
            if kind == ALL:
                clone.snakemake(*SNAKEMAKE, "--unlock")
            if kind != WORKER:
                process = clone.start(*snakemake, output=clone.told)
        _check(process, clone)
        for stage, marks, epochs in kills:
            self.times[kind, stage] += 1
            self.lost[kind, stage] += len(lost(clone.results, marks))
            if epochs:
                self.lost[kind, stage] += max(0, epochs - resumed_epochs(clone.results, stage))
            made = digests(clone.results, stage).items()
            self.wrong[kind, stage] += len(made ^ self.expected[stage].items())

    def _clone(self, name):
        folder = self.folder / name
        folder.mkdir()
        clone = Clone(folder, ROOT)
        (folder / "tiny.json").write_text(json.dumps(SETTINGS))
        clone.results, clone.told = folder / "results" / "tiny", open(folder / "told.txt", "a")
        return clone


def _kill_next(kind, process, results, moments, marked):
    """Kill in the first stage that comes to its moment; its name, or None when the run has ended by itself."""
    while process.poll() is None:
        for stage, job in _running(process).items():
            if stage in moments and _is_time(stage, job, results, moments[stage], marked):
                _kill(kind, process, job)
                return stage
        time.sleep(0.03)  # a look costs a millisecond of the CPU, and three passes look at the same time
    return None


def _kill(kind, process, job):
    if kind == WORKER:
        next(child for child in job.children() if "spawn_main" in " ".join(child.cmdline())).kill()
        return
    if kind == STAGE:
        job.kill()
    if kind == ALL:
        below = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
        psutil.wait_procs(below, timeout=60)
    process.wait()


def _is_time(stage, job, results, moment, marked):
    """Whether the stage has written its first chunk or epoch (``marked``), or used so much of the CPU."""
    if marked and stage == "simulate":
        return bool(written_chunks(results))
    if marked and stage.startswith("train"):
        return kept_epochs(results, stage) > 0
    return _cpu_seconds(job) > moment


def _not_done(clone):
    """Stages that Snakemake has not said are done: one that ended in the moment of the kill, it makes again."""
    rules = re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", Path(clone.told.name).read_text())
    return [stage for stage in MADE if not any(f"{rule}_".startswith(f"{stage}_") for rule in rules)]


def _running(process):
    """The stages' own processes, by stage."""
    found = {}
    try:
        for child in psutil.Process(process.pid).children(recursive=True):
            words = child.cmdline()
            if len(words) > 3 and Path(words[1]).name == "lenspipe":
                found[f"train_{words[3]}" if words[2] == "train" else words[2]] = child
    except psutil.NoSuchProcess:
        pass  # it ended while it was looked at
    return found


def _cpu_seconds(job):
    try:
        return sum(job.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0


def _check(process, clone):
    if process.wait():
        raise RuntimeError(Path(clone.told.name).read_text())


def write_into(page, table):
    """Replace what stands between the page's two markers."""
    text = page.read_text()
    begin, end = "<!-- kills: begin -->\n", "<!-- kills: end -->"
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: f"{begin}{table}{end}", text, flags=re.DOTALL))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="kills of each kind in each stage")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--output", type=Path, help="page whose table is replaced")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(folder, options.seed)
        campaign.run(options.times)
    print(campaign.table(), end="")
    if options.output:
        write_into(options.output, campaign.table())


if __name__ == "__main__":
    main()
