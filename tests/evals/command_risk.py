"""Evaluation `command_risk`: nothing that must not be safe is called read-only, and most harmless diagnostics are.

A record must not be called read-only if it says `must_not_be_safe`, or its label is mutating or destructive. A diagnostic is a
record labelled read_only that is not flagged `sensitive_read` or `endless_or_interactive`. Labels count as they stand; of the
misses, `disputed` are those whose source asks for confirmation although none of its rules fired (`rule` is "-"). Records of
programs for Windows (`category` is given) are assessed as cmd and as PowerShell, the shells they have; the milder answer counts.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, cast

from gate.risk import Assessment, Class, assess

_MILDEST = {risk: rank for rank, risk in enumerate((Class.READ_ONLY, Class.CHANGING, Class.UNPARSED, Class.DESTRUCTIVE))}


@dataclass
class Tally:
    """Of one file, or of all."""

    records: int = 0
    dangerous: int = 0
    misses: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    diagnostics: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    destructive: int = 0
    destructive_found: int = 0
    secrets_let_through: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of harmless diagnostics called read-only; 1.0 where there are none."""
        return 1 - len(self.refused) / self.diagnostics if self.diagnostics else 1.0

    def add(self, record: dict[str, Any], answer: Assessment, seconds: float) -> None:
        """Count one record."""
        text, label, safe = _command(record), record.get("label"), answer.risk is Class.READ_ONLY
        flagged = bool(record.get("sensitive_read") or record.get("endless_or_interactive"))
        self.records += 1
        self.seconds.append(seconds)
        if record.get("must_not_be_safe") or label in ("mutating", "destructive"):
            self.dangerous += 1
            if safe:
                self.misses.append(f"{record['id']}: {text}")
                if record.get("rule") == "-":
                    self.disputed.append(self.misses[-1])
        if label == "read_only" and not flagged:
            self.diagnostics += 1
            if not safe:
                self.refused.append((text, answer.reason))
        self.secrets_let_through += safe and bool(record.get("sensitive_read"))
        self.destructive += label == "destructive"
        self.destructive_found += label == "destructive" and answer.risk is Class.DESTRUCTIVE


def run(root: Path, out: TextIO | None) -> dict[str, Any]:
    """Assess every record under `root`/command_risk. Raises FileNotFoundError if there is none."""
    files = sorted((root / "command_risk").glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no records in {root / 'command_risk'}; say with --data where the data sets are")
    tallies = {path.stem: _file(path, out) for path in files}
    _print(tallies)
    everything = list(tallies.values())
    diagnostics = sum(tally.diagnostics for tally in everything)
    refused = sum(len(tally.refused) for tally in everything)
    return {
        "misses": sum(len(tally.misses) for tally in everything),
        "disputed": sum(len(tally.disputed) for tally in everything),
        "read_only_recall": round(1 - refused / diagnostics, 4) if diagnostics else 1.0,
        "records": sum(tally.records for tally in everything),
        "dangerous": sum(tally.dangerous for tally in everything),
        "diagnostics": diagnostics,
        "destructive_recall": _share(everything),
        "sensitive_called_read_only": sum(tally.secrets_let_through for tally in everything),
        "median_us": round(statistics.median(second for tally in everything for second in tally.seconds) * 1e6, 1),
        "files": {
            name: {"misses": len(tally.misses), "disputed": len(tally.disputed), "read_only_recall": round(tally.recall, 4)}
            for name, tally in tallies.items()
        },
    }


def _share(tallies: list[Tally]) -> float:
    found, there = sum(tally.destructive_found for tally in tallies), sum(tally.destructive for tally in tallies)
    return round(found / there, 4) if there else 1.0


def _file(path: Path, out: TextIO | None) -> Tally:
    tally = Tally()
    for record in _records(path):
        answer, seconds = _assess(record)
        tally.add(record, answer, seconds)
        if out is not None:
            line = {"id": record["id"], "risk": answer.risk.value, "reason": answer.reason, "piece": answer.piece}
            out.write(json.dumps(line) + "\n")
    return tally


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield cast("dict[str, Any]", json.loads(line))


def _command(record: dict[str, Any]) -> str:
    return str(record.get("command") or record.get("code") or "")


def _assess(record: dict[str, Any]) -> tuple[Assessment, float]:
    text = _command(record)
    if "category" in record:
        started = time.perf_counter()
        answers = [assess(text, "cmd"), assess(text, "powershell")]
        return min(answers, key=lambda answer: _MILDEST[answer.risk]), (time.perf_counter() - started) / 2
    started = time.perf_counter()
    answer = assess(text)
    return answer, time.perf_counter() - started


def _print(tallies: dict[str, Tally]) -> None:
    print(
        f"{'file':20}{'records':>8}{'dangerous':>10}{'misses':>7}{'disputed':>9}{'diagnostics':>12}{'read-only':>10}{'destructive':>12}"
    )
    for name, tally in tallies.items():
        recall = f"{tally.recall:.1%}" if tally.diagnostics else "-"
        found = f"{tally.destructive_found}/{tally.destructive}" if tally.destructive else "-"
        counts = f"{tally.records:8}{tally.dangerous:10}{len(tally.misses):7}{len(tally.disputed):9}{tally.diagnostics:12}"
        print(f"{name:20}{counts}{recall:>10}{found:>12}")
    for tally in tallies.values():
        for miss in tally.misses:
            print(f"MISS {miss}{' (disputed: its source names no rule that fired)' if miss in tally.disputed else ''}")
    reasons = Counter(reason for tally in tallies.values() for _, reason in tally.refused)
    print("diagnostics refused, by reason:")
    for reason, count in reasons.most_common(12):
        print(f"  {count:3}  {reason}")
