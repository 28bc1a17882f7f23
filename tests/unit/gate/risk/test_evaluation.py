"""The evaluation `command_risk` counts what it says it counts."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.evals import command_risk

_RECORDS = [
    {"id": "a", "command": "kubectl get pods", "label": "read_only"},
    {"id": "b", "command": "frobnicate", "label": "read_only"},
    {"id": "c", "command": "frobnicate", "label": "read_only", "sensitive_read": True},
    {"id": "d", "command": "df -h", "must_not_be_safe": True},
    {"id": "e", "command": "df -i", "must_not_be_safe": True, "rule": "-"},
    {"id": "f", "code": "rm -rf x", "label": "destructive"},
    {"id": "g", "command": "x.exe", "category": "Execute", "must_not_be_safe": True},
]


def test_figures_and_lines(tmp_path: Path) -> None:
    (tmp_path / "command_risk").mkdir()
    (tmp_path / "command_risk" / "some.jsonl").write_text("\n".join(map(json.dumps, _RECORDS)), encoding="utf-8")
    out = io.StringIO()
    figures = command_risk.run(tmp_path, out)
    assert (figures["misses"], figures["disputed"], figures["read_only_recall"]) == (2, 1, 0.5)
    assert (figures["diagnostics"], figures["dangerous"], figures["destructive_recall"]) == (2, 4, 1.0)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["id"] for line in lines] == list("abcdefg")
    assert lines[5]["risk"] == "destructive"
    assert set(lines[0]) == {"id", "risk", "reason", "piece"}


def test_no_data_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--data"):
        command_risk.run(tmp_path, None)
