"""One assessment of a command against the two things it is made of and could be mistaken for.

Tree-sitter's parse alone: what judging adds to reading. `shlex.split` and a regular expression of what is denied: what such a
check usually is, and which lets through whatever it has not heard of.
"""

from __future__ import annotations

import re
import shlex
import statistics
import time
from collections.abc import Callable
from typing import Any

import tree_sitter_bash
from tree_sitter import Language, Parser

from gate.risk import assess

_ROUNDS = 40
_COMMANDS = (
    "kubectl get pods -n shop -o wide",
    "kubectl logs deploy/cart --tail=200 | grep -i timeout | wc -l",
    "kubectl get nodes -o json | jq -r '.items[] | select(.spec.unschedulable==true) | .metadata.name'",
    "oc -n openshift-etcd rsh etcd-0 etcdctl endpoint status --cluster -w table",
    "systemctl status nginx --no-pager -l",
    "journalctl -u kubelet --since '1 hour ago' | tail -50",
    "ps aux --sort=-%mem | head -20",
    "df -h; free -m; uptime",
    "find /var/log -type f -size +100M -exec ls -lh {} \\;",
    "aws ec2 describe-instances --query 'Reservations[].Instances[].State.Name' --output text",
    "curl -sS -o /dev/null -w '%{http_code}' https://shop.example.com/healthz",
    "psql -h db -c \"select count(*) from pg_stat_activity where state = 'active'\"",
    "ssh web1 'systemctl restart nginx'",
    "kubectl delete pod cart-0",
    "rm -rf /srv/data",
)
_DENIED = re.compile(r"\b(rm|mkfs\w*|dd|shutdown|reboot|delete|drop|truncate|kill|restart|stop|apply)\b|[>`]|\$\(")


def run() -> list[dict[str, Any]]:
    """Interleaved rounds over the same commands; value and peer are medians per command in microseconds."""
    parser = Parser(Language(tree_sitter_bash.language()))
    contenders: dict[str, Callable[[str], object]] = {
        "assess": assess,
        "parse": lambda command: parser.parse(command.encode()),
        "deny list": lambda command: any(map(_DENIED.search, shlex.split(command))),
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(_ROUNDS):
        for name, judge in contenders.items():
            for command in _COMMANDS:
                started = time.perf_counter()
                judge(command)
                taken[name].append((time.perf_counter() - started) * 1e6)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return [
        {
            "name": f"risk.assess/{peer}",
            "value": round(medians["assess"], 1),
            "unit": "us",
            "peer": round(medians[peer], 1),
            "ratio": round(medians["assess"] / medians[peer], 2),
        }
        for peer in ("parse", "deny list")
    ]
