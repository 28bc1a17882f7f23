"""The derived pages say what the code says, and a stale one is noticed."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from docs.generate import BEGIN, END, ROOT, between, check, pages, settings_table, skills_page, write
from docs.iam import iam_page, policy
from skills.kit import Arguments, Duration, InstanceRef, Result, Risk, skill
from skills.kit.catalogue import Catalogue


class Shell(StrEnum):
    BASH = "bash"
    POWERSHELL = "powershell"


class Stop(Arguments):
    """Which boxes."""

    boxes: list[InstanceRef] = Field(min_length=1, description="Ids or names, as said | piped.")
    wait: Duration = Field(default=timedelta(minutes=5), description="How long to wait.")
    shell: Shell | None = Field(default=None, description="Which shell.")
    limit: int = Field(default=10, ge=1, le=50, description="How many.")


@skill(
    "boxes.stop",
    permission="boxes:stop",
    risk=Risk.CHANGE,
    view=lambda _: {},
    examples=("stop {box-1:boxes}",),
    confirm="Stop {boxes}?",
    consequences="What runs there stops answering.",
    undo="boxes.list",
    iam=("ec2:StopInstances", "ec2:DescribeInstances"),
)
async def stop_boxes(args: Stop) -> Result:
    """Stop boxes and wait until they are stopped."""
    return Result()


@skill("boxes.list", permission="boxes:list", view=lambda _: {}, examples=("list boxes",), iam=("ec2:DescribeInstances",))
async def list_boxes(args: Arguments) -> Result:
    """List the boxes."""
    return Result()


CATALOGUE = Catalogue([stop_boxes, list_boxes])


class Teams(BaseModel):
    """The nested part."""

    app_id: str = Field(default="", description="The bot's application id.")
    secret: SecretStr = Field(default=SecretStr("not-for-print"), description="Its secret.")
    kind: Literal["single", "multi"] = Field(default="single", description="Which tenants.")
    tenants: frozenset[str] = Field(default=frozenset({"b", "a"}), description="Allowed tenants.")


class Sample(BaseSettings):
    """A settings model."""

    model_config = SettingsConfigDict(env_prefix="OPS_", env_nested_delimiter="__")

    port: int = Field(default=3978, description="Where it listens.")
    demo: bool = Field(default=False, description="Simulated AWS.")
    life: timedelta = Field(default=timedelta(minutes=15), description="How long a confirmation lasts.")
    url: str = Field(description="Where.")
    teams: Teams = Field(default=Teams(), description="Teams.")
    maybe: Teams | None = Field(default=None, description="Teams again.")


def test_a_skill_is_shown_with_all_a_person_needs_to_know() -> None:
    page = skills_page(CATALOGUE)
    for text in (
        "| [boxes.stop](#boxesstop) | Stop boxes and wait until they are stopped. | change |",
        "- Say: “stop box-1”",
        "- Risk: changes something; a person confirms first",
        "- Permission: `boxes:stop`",
        "- Asks: Stop {boxes}?",
        "- Consequences: What runs there stops answering.",
        "- Taken back by: [boxes.list](#boxeslist)",
        "- IAM actions: `ec2:StopInstances`, `ec2:DescribeInstances`",
        "| `boxes` | list of text | required | Ids or names, as said \\| piped. |",
        "| `wait` | such as `30m`, `6h`, `7d` | `5m` | How long to wait. |",
        "| `shell` | `bash`, `powershell` |  | Which shell. |",
        "| `limit` | whole number, 1 to 50 | `10` | How many. |",
        "It takes no arguments.",
    ):
        assert text in page


def test_every_link_of_the_skills_page_leads_to_a_heading() -> None:
    page = skills_page(CATALOGUE)
    headings = {heading.replace(".", "") for heading in re.findall(r"^## (.+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\(#([a-z]+)\)", page)) == headings


def test_the_policy_allows_what_the_skills_declare_and_no_more() -> None:
    assert policy(CATALOGUE) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ChangeInstances",
                "Effect": "Allow",
                "Action": ["ec2:StopInstances"],
                "Resource": ["arn:aws:ec2:*:*:instance/*"],
            },
            {"Sid": "LookUp", "Effect": "Allow", "Action": ["ec2:DescribeInstances"], "Resource": ["*"]},
        ],
    }
    reading = iam_page(CATALOGUE).partition("## Reading only")[2].partition("## Which skill")[0]
    assert "ec2:DescribeInstances" in reading
    assert "ec2:StopInstances" not in reading


@pytest.mark.parametrize("action", ["*", "ec2:*", "StopInstances", "ec2:StopInstances "])
def test_an_action_that_is_not_exactly_one_is_refused(action: str) -> None:
    wide = skill("boxes.wide", permission="x:y", view=lambda _: {}, examples=("wide",), iam=(action,))(list_boxes.run)
    with pytest.raises(ValueError, match="is not one IAM action"):
        policy([wide])


def test_the_table_names_every_variable_with_its_default_and_no_secret() -> None:
    table = settings_table(Sample)
    for row in (
        "| `OPS_PORT` | `3978` | Where it listens. |",
        "| `OPS_DEMO` | `false` | Simulated AWS. |",
        "| `OPS_LIFE` | `15m` | How long a confirmation lasts. |",
        "| `OPS_URL` | required | Where. |",
        "| `OPS_TEAMS__APP_ID` |  | The bot's application id. |",
        "| `OPS_TEAMS__SECRET` |  | Its secret. |",
        "| `OPS_TEAMS__KIND` | `single` | Which tenants. One of `single`, `multi`. |",
        '| `OPS_TEAMS__TENANTS` | `["a","b"]` | Allowed tenants. |',
        "| `OPS_MAYBE__APP_ID` |",
    ):
        assert row in table
    assert "not-for-print" not in table


def test_the_variables_of_the_table_are_the_ones_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_URL", "x")
    monkeypatch.setenv("OPS_TEAMS__KIND", "multi")
    assert "OPS_TEAMS__KIND" in settings_table(Sample)
    assert Sample().teams.kind == "multi"  # pyright: ignore[reportCallIssue]  # url comes from the environment


def test_a_setting_without_a_description_is_refused() -> None:
    class Silent(BaseModel):
        """Says nothing of its field."""

        port: int = 1

    with pytest.raises(ValueError, match=r"settings without a description: PORT"):
        settings_table(Silent)


def test_the_table_goes_between_its_marks_and_leaves_the_rest() -> None:
    page = f"before\n{BEGIN}old\n{END}\nafter\n"
    done = between(page, "| new |")
    assert done == f"before\n{BEGIN}\n| new |\n{END}\nafter\n"
    assert between(done, "| new |") == done
    with pytest.raises(ValueError, match="needs the marks"):
        between("no marks", "| new |")


def test_a_stale_page_is_told_and_written_once(tmp_path: Path) -> None:
    wanted = {tmp_path / "a.md": "new", tmp_path / "b.md": "same", tmp_path / "c.md": "missing"}
    (tmp_path / "a.md").write_text("old")
    (tmp_path / "b.md").write_text("same")
    assert check(wanted) == [tmp_path / "a.md", tmp_path / "c.md"]
    assert write(wanted) == [tmp_path / "a.md", tmp_path / "c.md"]
    assert (tmp_path / "a.md").read_text() == "new"
    assert write(wanted) == []


def test_the_derived_pages_are_fresh() -> None:
    assert check(pages()) == [], "run `make docs` and commit what it writes"


def _links() -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "infra").rglob("*.md"))):
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        found += [(page, link) for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    return found


def test_every_link_between_pages_leads_somewhere() -> None:
    links = [(page, link) for page, link in _links() if not re.match(r"https?:|mailto:|#", link)]
    assert links
    lost = [f"{page.relative_to(ROOT)}: {link}" for page, link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert lost == []


def test_every_make_command_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named: set[str] = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        named |= set(re.findall(r"`make ([a-z]+)", page.read_text()))
        named |= set(re.findall(r"^make ([a-z]+)", page.read_text(), re.MULTILINE))
    assert named - targets == set()


def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
