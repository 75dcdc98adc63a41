"""Counts of what was tried and what came of it."""

from collections import Counter

COLUMNS = ("times", "lost", "wrong", "traceback")


class Table:
    """Counts by kind: how often it was tried, and what was lost, wrong, or ended with a traceback."""

    def __init__(self):
        self.counts = {}
        self.failures = []  # kind, column, case and what was printed

    def add(self, kind, **found):
        row = self.counts.setdefault(kind, Counter())
        row["times"] += 1
        for name, case in found.items():
            if case:
                row[name] += 1
                self.failures.append((kind, name, case))

    def markdown(self):
        rows = [f"| {kind} | {' | '.join(str(row[name]) for name in COLUMNS)} |" for kind, row in self.counts.items()]
        return "\n".join(["| kind | times | lost | wrong | traceback |", "|---|---|---|---|---|", *sorted(rows)]) + "\n"
