"""The Teams package: valid by Microsoft's own schema, the same for the same input, and refused when anything is wrong."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import skills
from app import VERSION
from manifest import icons
from manifest.package import FOLDER, build, check, fill, release
from skills.kit.arguments import Arguments, Result
from skills.kit.catalogue import Catalogue, discover
from skills.kit.declaration import Risk, Skill
from skills.kit.errors import Invalid

APP = "5f0e5a0c-3a51-4c0e-9d8e-1b7f4f3c2a10"
BOT = "0c1de1f2-6f6b-4a55-8f7e-2d3c4b5a6978"
DOMAIN = "bot.example.com"
PACKAGE = Path(__file__).parents[2] / "node" / "node_modules" / "@microsoft" / "app-manifest"


async def _run(_args: Arguments) -> Result:
    return Result()


def _skill(name: str, examples: tuple[str, ...], *, risk: Risk = Risk.READ, summary: str = "Do it.") -> Skill:
    return Skill(name, _run, Arguments, Result, risk, name.replace(".", ":"), lambda _: {}, summary, examples, confirm="Sure?")


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        [
            _skill("boxes.stop", ("stop {box-1:boxes}",), risk=Risk.CHANGE),
            _skill("boxes.list", ("show me every single box there is, please", "list boxes"), summary="List " + "boxes " * 40),
            _skill("help", ("help",)),
            _skill("boxes.wordy", ("an example that no menu of any phone would ever show",)),
        ]
    )


@pytest.fixture
def schema() -> dict[str, Any]:
    """Microsoft's schema of the version the manifest names."""
    return _schema(json.loads((FOLDER / "manifest.json").read_text())["manifestVersion"])


def _schema(version: str) -> dict[str, Any]:
    path = PACKAGE / "build" / "json-schemas" / "teams" / f"v{version}" / "MicrosoftTeams.schema.json"
    if not path.is_file():
        if os.environ.get("CI"):
            pytest.fail("the official schema is not installed: run `make setup`")
        pytest.skip("the official schema is not installed: run `make setup` with node")
    return json.loads(path.read_text())


def _manifest(catalogue: Catalogue) -> dict[str, Any]:
    return fill((FOLDER / "manifest.json").read_text(), catalogue, APP, BOT, DOMAIN)


def _icons() -> dict[str, bytes]:
    return {f"{name}.png": (FOLDER / f"{name}.png").read_bytes() for name in ("color", "outline")}


def _commands(manifest: dict[str, Any]) -> list[dict[str, str]]:
    return manifest["bots"][0]["commandLists"][0]["commands"]


def test_the_package_is_valid_by_the_official_schema(catalogue: Catalogue, schema: dict[str, Any], tmp_path: Path) -> None:
    with zipfile.ZipFile(build(catalogue, APP, BOT, DOMAIN, tmp_path / "new" / "teams.zip")) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        manifest = json.loads(archive.read("manifest.json"))
    jsonschema.Draft4Validator(schema).validate(manifest)
    assert manifest["id"] == APP
    assert manifest["bots"][0]["botId"] == BOT
    assert manifest["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    assert manifest["validDomains"] == [DOMAIN]
    assert manifest["version"] == release()
    assert manifest["$schema"].endswith(f"/v{manifest['manifestVersion']}/MicrosoftTeams.schema.json")
    assert "${" not in json.dumps(manifest)


def test_the_shipped_skills_make_a_valid_manifest(schema: dict[str, Any]) -> None:
    manifest = _manifest(discover(skills))
    jsonschema.Draft4Validator(schema).validate(manifest)
    assert check(manifest, _icons()) == []


def test_the_version_before_would_take_the_same_manifest(catalogue: Catalogue) -> None:
    """The way out that docs/decisions/manifest.md names."""
    jsonschema.Draft4Validator(_schema("1.24")).validate({**_manifest(catalogue), "manifestVersion": "1.24"})


def test_the_package_has_the_version_of_the_service() -> None:
    assert release() == VERSION


def test_the_official_schema_refuses_what_it_must(catalogue: Catalogue, schema: dict[str, Any]) -> None:
    manifest = _manifest(catalogue)
    _commands(manifest).extend({"title": f"do {n}", "description": "x"} for n in range(12))
    manifest["bots"][0]["botId"] = "not-a-guid"
    manifest["name"]["short"] = "x" * 31
    places = [list(error.absolute_path) for error in jsonschema.Draft4Validator(schema).iter_errors(manifest)]
    assert sorted(map(str, places)) == sorted(
        map(str, [["bots", 0, "commandLists", 0, "commands"], ["bots", 0, "botId"], ["name", "short"]])
    )


def test_the_menu_starts_with_help_and_shows_what_a_person_would_type(catalogue: Catalogue) -> None:
    found = _commands(_manifest(catalogue))
    assert [command["title"] for command in found] == ["help", "list boxes", "stop box-1"]
    assert len(found[1]["description"]) <= 128
    assert found[1]["description"].endswith("…")


def test_the_menu_has_at_most_twelve_commands() -> None:
    many = Catalogue([_skill(f"box.n{n:02}", (f"do {n}",)) for n in range(20)])
    assert len(_commands(_manifest(many))) == 12


def test_the_same_input_makes_the_same_bytes(catalogue: Catalogue, tmp_path: Path) -> None:
    one = build(catalogue, APP, BOT, DOMAIN, tmp_path / "one.zip")
    two = build(catalogue, APP.upper(), BOT, DOMAIN, tmp_path / "two.zip")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("app_id", "bot_id", "domain", "named"),
    [
        ("", BOT, DOMAIN, "The app id is missing."),
        (APP, "", DOMAIN, "The bot id is missing."),
        (APP, BOT, "", "The domain is missing."),
        (APP, "ops-copilot", DOMAIN, "The bot id 'ops-copilot' is not a GUID."),
        (APP.replace("-", ""), BOT, DOMAIN, "is not a GUID in the form"),
        ("00000000-0000-0000-0000-000000000000", BOT, DOMAIN, "The app id is the empty GUID."),
        (APP, BOT, "https://bot.example.com", "is not a host name"),
        (APP, BOT, "localhost", "is not a host name"),
        (APP, BOT, "10.0.0.4", "is not a host name"),
        (APP, BOT, 'bot.example.com", "x": "', "is not a host name"),
    ],
)
def test_a_wrong_or_missing_value_is_named_and_nothing_is_written(
    catalogue: Catalogue, tmp_path: Path, app_id: str, bot_id: str, domain: str, named: str
) -> None:
    with pytest.raises(Invalid) as refused:
        build(catalogue, app_id, bot_id, domain, tmp_path / "teams.zip")
    assert named in refused.value.what
    assert refused.value.unchanged == "No file was written."
    assert not list(tmp_path.iterdir())


def test_every_wrong_value_is_named_at_once(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        build(catalogue, "x", "", "y", tmp_path / "teams.zip")
    assert all(word in refused.value.what for word in ("app id", "bot id", "domain"))


def test_a_missing_icon_stops_the_build(catalogue: Catalogue, tmp_path: Path) -> None:
    for name in ("manifest.json", "color.png"):
        shutil.copy(FOLDER / name, tmp_path / name)
    with pytest.raises(Invalid, match="The outline icon is missing"):
        build(catalogue, APP, BOT, DOMAIN, tmp_path / "teams.zip", folder=tmp_path)
    assert not (tmp_path / "teams.zip").exists()


def test_an_icon_of_the_wrong_size_kind_or_format_is_refused(catalogue: Catalogue) -> None:
    manifest, good = _manifest(catalogue), _icons()
    assert check(manifest, {**good, "color.png": good["outline.png"]}) == ["The color icon is 32x32; it must be 192x192."]
    assert check(manifest, {**good, "color.png": b"GIF89a"}) == ["The color icon is not a PNG."]
    opaque = bytearray(good["outline.png"])
    opaque[25] = 2  # the header's colour type: plain RGB
    assert check(manifest, {**good, "outline.png": bytes(opaque)}) == ["The outline icon has no transparency."]


def test_names_and_commands_that_are_too_long_or_too_many_are_refused(catalogue: Catalogue) -> None:
    manifest = _manifest(catalogue)
    manifest["name"]["short"] = "x" * 31
    manifest["description"]["full"] = ""
    _commands(manifest).extend({"title": "t" * 33, "description": ""} for _ in range(10))
    wrong = "\n".join(check(manifest, _icons()))
    assert "name.short has 31 characters; Teams allows 30." in wrong
    assert "description.full is missing." in wrong
    assert "A command list has 13 commands; Teams allows 12." in wrong
    assert "its title has 33 characters" in wrong
    assert "its description has 0 characters" in wrong


def test_a_manifest_with_a_bad_guid_is_refused(catalogue: Catalogue) -> None:
    manifest = _manifest(catalogue)
    manifest["bots"][0]["botId"] = "{" + BOT + "}"
    assert len(check(manifest, _icons())) == 1


def test_the_outline_is_what_the_script_draws_white_on_nothing() -> None:
    drawn, kept = _pixels(icons.outline()), _pixels((FOLDER / "outline.png").read_bytes())
    assert drawn == kept
    assert {pixel[:3] for pixel in kept} == {b"\xff\xff\xff"}
    assert {0, 255} <= {pixel[3] for pixel in kept}


def test_the_colour_icon_is_what_the_script_draws() -> None:
    """Every fourth pixel's worth: a quarter of the size shows the same drawing within a few shades."""
    small, kept = _pixels(icons.color(48)), _pixels((FOLDER / "color.png").read_bytes())
    middle = [kept[(y * 4 + 2) * 192 + x * 4 + 2] for y in range(48) for x in range(48)]
    close = sum(max(abs(a - b) for a, b in zip(one, two, strict=True)) < 40 for one, two in zip(small, middle, strict=True))
    assert close > 0.93 * len(small)


def _pixels(png: bytes) -> list[bytes]:
    """The RGBA pixels of a PNG as `icons` writes it: one IDAT chunk, no filters."""
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT")
    rows = zlib.decompress(png[start + 4 : start + 4 + struct.unpack(">I", png[start - 4 : start])[0]])
    return [rows[y * (width * 4 + 1) + 1 + x * 4 : y * (width * 4 + 1) + 5 + x * 4] for y in range(height) for x in range(width)]
