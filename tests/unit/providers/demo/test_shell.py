"""The simulated shell's grammar and programs."""

from __future__ import annotations

import re
import time

import pytest

from providers.demo import powershell
from providers.demo.fleet import Plan, plans
from providers.demo.load import Gauge, Load
from providers.demo.machine import Machine, Period
from providers.demo.programs import LINUX
from providers.demo.shell import Outcome, Shell

NOW = 1_795_000_000.0


def machine(name: str = "web-server-01") -> Machine:
    plan: Plan = next(plan for plan in plans(24) if plan.name == name)
    return Machine("i-1", "us-east-1", plan, "ami-1", "10.0.0.7", [Period(NOW - 40 * 86400)])


def run(script: str, on: Machine | None = None) -> Outcome:
    return Shell(on or machine(), Load(7, NOW), LINUX, now=NOW).run(script)


def out(script: str, on: Machine | None = None) -> str:
    outcome = run(script, on)
    return outcome.text("out", outcome.seconds)


@pytest.mark.parametrize(
    ("script", "printed", "code"),
    [
        ("true && echo yes || echo no", "yes\n", 0),
        ("false && echo yes || echo no", "no\n", 0),
        ("false; echo after", "after\n", 0),
        ("echo one\necho two # three", "one\ntwo\n", 0),
        ("echo 'a;b' \"c|d\"", "a;b c|d\n", 0),
        ("echo $HOSTNAME '$HOSTNAME' \"$(hostname)\"", "web-server-01 $HOSTNAME web-server-01\n", 0),
        ("X=5; echo ${X}", "5\n", 0),
        ("false; echo $?", "1\n", 0),
        ("seq 1 5 | tail -n 2 | head -1", "4\n", 0),
        ("seq 3 | wc -l", "3\n", 0),
        ("seq 12 | sort -rn | head -n1", "12\n", 0),
        ("seq 20 | grep -c 1", "11\n", 0),
        ("seq 3 | grep 9", "", 1),
        ("echo hi; exit 7; echo never", "hi\n", 7),
        ("nothing-here 2>/dev/null || echo gone", "gone\n", 0),
        ("nothing-here 2>&1 | wc -l", "1\n", 0),
        ("echo quiet > /dev/null", "", 0),
        ("sudo whoami", "root\n", 0),
        ("printf-like", "", 127),
    ],
)
def test_grammar(script: str, printed: str, code: int) -> None:
    outcome = run(script)

    assert (outcome.text("out", outcome.seconds), outcome.code) == (printed, code)


def test_an_unknown_program_is_not_found() -> None:
    outcome = run("frobnicate -x")

    assert outcome.code == 127
    assert outcome.text("err", 0) == "bash: line 1: frobnicate: command not found\n"


@pytest.mark.parametrize("script", ['echo "open', "echo 'open", "| wc", "echo a |", "&& echo a", "echo a &&"])
def test_a_syntax_error_ends_with_2_and_says_so(script: str) -> None:
    outcome = run(script)

    assert outcome.code == 2
    assert outcome.text("err", 0).startswith("bash: -c: ")


def test_sleep_takes_its_time_and_output_appears_when_it_is_printed() -> None:
    outcome = run("echo before; sleep 2m; echo after")

    assert outcome.seconds == 120
    assert outcome.text("out", 60) == "before\n"
    assert outcome.text("out", 120) == "before\nafter\n"


def test_df_shows_the_metric() -> None:
    on = machine("db-01")
    measured = Load(7, NOW).at(on, Gauge.DISK, NOW)

    used = re.search(r"(\d+)% /$", out("df -h", on), re.MULTILINE)

    assert measured
    assert used
    assert 0 <= int(used[1]) - measured < 1
    assert int(used[1]) >= 92


def test_a_runaway_process_shows_in_uptime_top_and_ps_until_its_unit_is_restarted() -> None:
    on = machine("worker-02")
    idle = re.search(r"([\d.]+) id", out("top -b -n1", on))
    load = re.search(r"load average: ([\d.]+)", out("uptime", on))

    assert idle
    assert float(idle[1]) < 7
    assert load
    assert float(load[1]) > 3.5
    assert "--job 88213" in out("ps aux", on)

    run("systemctl restart jobs-worker", on)

    assert "--job 88213" not in out("ps aux", on)
    later = Load(7, NOW).at(on, Gauge.CPU, NOW + 60)
    assert later
    assert later < 80


def test_a_stopped_unit_stays_stopped_everywhere() -> None:
    on = machine()

    assert out("systemctl is-active nginx", on) == "active\n"
    assert run("curl -s localhost/health", on).code == 0
    run("systemctl stop nginx", on)

    assert run("systemctl is-active nginx", on).code == 3
    assert run("systemctl status nginx", on).code == 3
    assert run("curl -s localhost/health", on).code == 7
    assert ":80 " not in out("ss -ltn", on)
    assert "nginx" not in out("ps aux", on)
    run("systemctl start nginx", on)
    assert out("curl -s localhost/health", on) == '{"status":"ok","service":"storefront"}\n'


def test_an_unknown_unit_is_named() -> None:
    outcome = run("systemctl restart nginxx")

    assert outcome.code == 5
    assert "nginxx.service not found" in outcome.text("err", outcome.seconds)


def test_the_journal_honours_unit_count_and_since() -> None:
    assert len(out("journalctl -u nginx -n 5").splitlines()) == 5
    minutes = out('journalctl -u nginx --since "10 minutes ago"').splitlines()
    assert 25 <= len(minutes) <= 32
    assert all(" web-server-01 nginx[" in line for line in minutes)
    assert "pg_wal" in out("journalctl -u postgresql", machine("db-01"))


def test_freeing_the_disk_shows_in_df() -> None:
    on = machine("db-01")
    load = Load(7, NOW)
    before = load.at(on, Gauge.DISK, NOW)

    run("journalctl --vacuum-size=100M", on)

    after = load.at(on, Gauge.DISK, NOW + 60)
    assert before
    assert after
    assert before - after > 2


@pytest.mark.parametrize(
    "program", ["free -m", "ls /var/log", "uname -a", "date -u", "cat /etc/hostname", "du -h", "id", "nproc"]
)
def test_a_program_prints_something_and_succeeds(program: str) -> None:
    outcome = run(program)

    assert outcome.code == 0
    assert outcome.text("out", outcome.seconds).strip()


@pytest.mark.parametrize("program", ["cat /no/such", "ls /no/such", "rm -rf /", "sleep soon", "seq x", "grep", "grep '['"])
def test_a_program_that_cannot_says_why(program: str) -> None:
    outcome = run(program)

    assert outcome.code != 0
    assert outcome.text("err", outcome.seconds).strip()


def test_seq_stops_before_it_fills_the_memory() -> None:
    assert len(out("seq 1 999999999")) < 2_000_000


def test_docker_ps_only_where_there_is_docker() -> None:
    assert "orders-api" in out("docker ps", machine("api-01"))
    assert run("docker ps").code == 127


def windows(script: str) -> Outcome:
    return powershell.run(machine("report-01"), Load(7, NOW), script, NOW)


def test_powershell_answers_what_it_knows() -> None:
    outcome = windows("Get-Service -Name MSSQL*; Get-PSDrive C\nGet-Process | Select-Object -First 3; Write-Output 'hello there'")
    text = outcome.text("out", outcome.seconds)

    assert outcome.code == 0
    assert "Running  MSSQLSERVER" in text
    assert "FileSystem    C:\\" in text
    assert "sqlservr" in text
    assert "hello there" in text


def test_powershell_refuses_what_it_does_not_know() -> None:
    outcome = windows("Get-Nonsense")

    assert outcome.code == 1
    assert "is not recognized" in outcome.text("err", 0)


def test_powershell_sleeps_and_exits() -> None:
    outcome = windows("Start-Sleep -Seconds 30; exit 4; Get-Date")

    assert (outcome.seconds, outcome.code, outcome.text("out", 99)) == (30, 4, "")


def test_running_a_command_takes_no_real_time() -> None:
    begun = time.perf_counter()
    run("sleep 3600; top -b -n1; journalctl -u nginx")

    assert time.perf_counter() - begun < 2
