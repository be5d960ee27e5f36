"""How a benchmark tells what it found: one JSON line per figure, which the runner puts into a table."""

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    anchor: float
    anchor_name: str
    goal: str
    is_met: bool

    @property
    def ratio(self) -> float:
        return self.value / self.anchor if self.anchor else 0.0


def tell(*figures: Figure) -> None:
    for figure in figures:
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")
    sys.stdout.flush()


def read(output: str) -> list[Figure]:
    return [Figure(**json.loads(line)) for line in output.splitlines() if line.startswith("{")]


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
