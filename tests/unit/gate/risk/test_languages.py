"""awk, sed and SQL in arguments: what is let through, and the tricks that are not."""

from __future__ import annotations

import pytest

from gate.risk.languages import awk, sed, sql


@pytest.mark.parametrize(
    "program",
    [
        "{print $1}",
        "$3 > 5 && $4 < 2 {n++} END {print n}",
        '{printf "%s|%s > %d\\n", $1, $2, ($3 > 1)}',
        "/a|b/ {print} !/c/ {next}",
        "{print ($1 + $2) / 2 / 3}",
        'BEGIN {FS=","} {split($0, a, /[,;]/); print a[1]}',
        "{ if ($1 ~ /x/) print; else print $2 }",
        "NR==FNR{a[$1]=$2; next} $1 in a {print a[$1]}",
        '{ gsub(/"/, ""); print toupper($0) }',
    ],
)
def test_awk_that_only_prints(program: str) -> None:
    assert awk.objection(program) is None


@pytest.mark.parametrize(
    "program",
    [
        '{print > "f"}',
        '{print >> "f"}',
        '{print($1) > "f"}',
        '{print ($1)($2) > "f"}',
        '{printf "%s", $1 > "f"}',
        '{print | "sh"}',
        '{print |& "sh"}',
        '"id" | getline',
        'BEGIN {system("id")}',
        '{print $1,\n$2 > "f"}',
        '{print $1 ? 1 :\n2 > "f"}',
        '@load "x"',
        'BEGIN {f="system"; @f("id")}',
        '{print ENVIRON["HOME"]}',
        '{ if (1) /"/; print "x" > "f" /"/ }',
        '{ while (0) /"/; print "x" > "f" /"/ }',
        '{print "\\x2f"}',
        "{print `id`}",
        "/a",
    ],
)
def test_awk_that_may_do_more(program: str) -> None:
    assert awk.objection(program)


@pytest.mark.parametrize(
    "script",
    ["p", "1,5p", "$d", "/a/,/b/!d", "s/a/b/g", "s|a|b|2p;s,c,d,", "s/[^x]*$//", "y/ab/cd/", "/x/{s/a/b/;p}", ":a;N;$!ba",
     "1!G;h;$!d", "2q", "/^$/d", "s/a\\/b/c/", "n;p", "0~3p"],
)  # fmt: skip
def test_sed_that_only_edits_what_flows_through(script: str) -> None:
    assert sed.objection(script) is None


@pytest.mark.parametrize(
    "script",
    ["w f", "W f", "1w f", "s/a/b/w f", "s/a/b/gw f", "s/a/b/e", "e", "1e id", "r f", "R f", "s/a/b",
     "s/a/b/ w f", "p;w f", "{w f", "}w f", "/a/w f",
     "\\%a%w f",
     "s/[/]/w f/", "/[/p;s/]/w f/", "y/a/b/;w f", "# x\nw f", "Q;e", "v", "i\\\nw f", "$", "1,"],
)  # fmt: skip
def test_sed_that_may_do_more(script: str) -> None:
    assert sed.objection(script)


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) from orders where state = 'open'",
        "SELECT pg_size_pretty(pg_total_relation_size('orders'));",
        "show max_connections; select 1",
        "with a as (select 1) select * from a",
        "explain select 1",
        "select 'it''s; drop table x'",
        'select "name" from users',
        "\\dt+",
        "show slave status\\G",
    ],
)
def test_sql_that_reads(text: str) -> None:
    assert sql.objection(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "drop table x",
        "select 1; drop table x",
        "select 'a'; delete from x",
        "select 1 -- x",
        "select 1 /* x */",
        "select 1 # x",
        "select /*!50000 sleep(9)*/ 1",
        "select pg_terminate_backend(1)",
        'select "pg_terminate_backend"(1)',
        "select pg_sleep(9)",
        "select nextval('s')",
        "select * into y from x",
        "select 1 into outfile '/tmp/x'",
        "select * from x for update",
        "explain analyze delete from x",
        "with d as (delete from x returning *) select * from d",
        "select $$x$$",
        "select 'a\\' ; drop table x; -- '",
        "copy x to program 'id'",
        "select * from pg_shadow",
        "select password from users",
        "begin",
        "\\! id",
        "\\copy x to y",
        "\\o f",
        "select 1 \\gexec",
        ".shell id",
    ],
)
def test_sql_that_may_do_more(text: str) -> None:
    assert sql.objection(text)


def test_dot_commands_are_for_sqlite() -> None:
    assert sql.objection(".tables", sqlite=True) is None
    assert sql.objection(".tables")
    assert sql.objection(".shell id", sqlite=True)
    assert sql.objection("select 1;\n.shell id", sqlite=True)
