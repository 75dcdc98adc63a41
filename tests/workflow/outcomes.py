"""What a run has made so far, stage by stage, and what of it must outlive a kill."""

import json
import re
from pathlib import Path

from lenspipe.figures import figures_of, tables_of
from lenspipe.learning.resume import epochs_kept
from lenspipe.methods import BASELINES
from lenspipe.provenance import digest_of, file_sha256

MADE = {  # stage: its files under results/<run>/
    "population": ["catalog/*"],
    "simulate": ["images/*.json", "images/*.zarr/**/*"],
    "train_classifier": ["models/classifier/*"],
    "train_regressor": ["models/regressor/*"],
    "predict": ["predictions/network/*"],
    "baselines": [f"predictions/{name}/*" for name in BASELINES],
    "explain": [f"tables/{table}" for table in tables_of(figures_of("explain"))],
    "diagnose": ["tables/summary.csv", *(f"tables/{table}" for table in tables_of(figures_of("diagnose")))],
    "figures": ["figures/*"],
    "report": ["report.html"],
}
NO_RESULTS = ("resume", "stage_times")  # the state of a training, and how long a stage took


def digests(results, stage):
    """Digest by name of all that a stage has made: of the bytes; of the report without its table of times."""
    paths = [path for pattern in MADE[stage] for path in results.glob(pattern) if path.is_file()]
    return {str(path.relative_to(results)): _digest(path) for path in paths if path.stem not in NO_RESULTS}


def _digest(path):
    if path.name != "report.html":
        return file_sha256(path)
    text = path.read_text()
    return digest_of(re.sub(r'<h2 id="times">.*?</table>', "", text, flags=re.DOTALL))


def finished(results, expected, under_way):
    """Inode and time of every file that is as it should be, and must be left so: chunks of stages under way too."""
    names = set(written_chunks(results))
    for stage in expected.keys() - set(under_way):
        made = digests(results, stage)
        names |= {name for name in made if expected[stage].get(name) == made[name]}
    return {name: _mark(results / name) for name in names}


def lost(results, marks):
    """Names of files that are gone or were made again."""
    return sorted(name for name, mark in marks.items() if _mark(results / name) != mark)


def _mark(path):
    stat = path.stat() if path.exists() else None
    return stat and (stat.st_ino, stat.st_mtime_ns)


def written_chunks(results):
    """Files of the chunks that the journals say are finished."""
    names = []
    for journal in results.glob("images/*.journal.*.jsonl"):
        store = f"images/{journal.name.split('.')[0]}.zarr"
        lines = journal.read_text().split("\n")[1:-1]  # a last line without its end is not written yet
        names += [f"{store}/{file}" for line in lines for file in json.loads(line)["files"]]
    return names


def kept_epochs(results, stage):
    """Epochs of a training whose state is on disk."""
    folder = results / "models" / stage.removeprefix("train_")
    return epochs_kept(folder) if (folder / "resume.pt").exists() else 0


def resumed_epochs(results, stage):
    """Epochs that a training's last start found done, by its log."""
    text = Path(results / "logs" / f"{stage}.log").read_text()
    return int(re.search(r"(\d+) epochs done", text)[1])
