"""The zip that is uploaded to Teams: the manifest with its ids filled in, and two icons."""

from __future__ import annotations

import io
import json
import re
import struct
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any
from uuid import UUID

from manifest.commands import commands
from skills.kit.catalogue import Catalogue
from skills.kit.errors import Invalid

FOLDER = Path(__file__).parent
ICONS = {"color": 192, "outline": 32}
"""Each icon's side in pixels, as Teams requires it."""

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)
_LIMITS = {
    ("name", "short"): 30,
    ("name", "full"): 100,
    ("description", "short"): 80,
    ("description", "full"): 4000,
    ("developer", "name"): 32,
}
# Schemas since 1.21 allow 128 and 4,000 characters; 32 and 128 are what a menu on a phone shows in full.
_COMMANDS, _TITLE, _DESCRIPTION = 12, 32, 128


def build(catalogue: Catalogue, app_id: str, bot_id: str, domain: str, out: Path, *, folder: Path = FOLDER) -> Path:
    """Write the app package to the file `out`: the same bytes for the same input.

    app_id: the Teams app's own GUID, the same for ever. bot_id: the bot's application (client) id in Entra. domain: the
    host name of the messaging endpoint, without a scheme. folder: where manifest.json and the icons lie.
    Errors: Invalid naming everything that is wrong; then no file is written.
    """
    wrong = [*_guid("app id", app_id), *_guid("bot id", bot_id), *_host(domain)]
    if wrong:
        raise _refused(wrong)
    manifest = fill((folder / "manifest.json").read_text(), catalogue, app_id, bot_id, domain)
    icons = {f"{name}.png": _read(folder / f"{name}.png") for name in ICONS}
    if wrong := check(manifest, icons):
        raise _refused(wrong)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(_zip({"manifest.json": json.dumps(manifest, indent=2, ensure_ascii=False).encode(), **icons}))
    return out


def fill(template: str, catalogue: Catalogue, app_id: str, bot_id: str, domain: str) -> dict[str, Any]:
    """The manifest of `template` with the ids, the version of this release and the catalogue's commands in it."""
    places = {"app_id": app_id.lower(), "bot_id": bot_id.lower(), "domain": domain.lower(), "version": release()}
    manifest: dict[str, Any] = json.loads(Template(template.replace('"$schema"', '"$$schema"')).substitute(places))
    for bot in manifest["bots"]:
        for listed in bot["commandLists"]:
            listed["commands"] = commands(catalogue, count=_COMMANDS, title=_TITLE, description=_DESCRIPTION)
    return manifest


def release() -> str:
    """This release's version, `major.minor.patch`, from pyproject.toml."""
    return str(tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]["version"])


def check(manifest: Mapping[str, Any], icons: Mapping[str, bytes]) -> list[str]:
    """What Teams would refuse, one sentence each; empty when nothing is wrong. icons: file name to PNG."""
    wrong = [*_guid("id", manifest.get("id", "")), *_texts(manifest)]
    for bot in manifest.get("bots", []):
        wrong += _guid("botId", bot.get("botId", ""))
        for listed in bot.get("commandLists", []):
            wrong += _listed(listed["commands"])
    for name, side in ICONS.items():
        file = manifest.get("icons", {}).get(name, "")
        wrong += _icon(name, icons.get(file, b""), side)
    return wrong


def _texts(manifest: Mapping[str, Any]) -> list[str]:
    wrong: list[str] = []
    for (part, key), limit in _LIMITS.items():
        text = manifest.get(part, {}).get(key, "")
        if not text:
            wrong.append(f"{part}.{key} is missing.")
        elif len(text) > limit:
            wrong.append(f"{part}.{key} has {len(text)} characters; Teams allows {limit}.")
    return wrong


def _listed(found: list[dict[str, str]]) -> list[str]:
    wrong = [f"A command list has {len(found)} commands; Teams allows {_COMMANDS}."] if len(found) > _COMMANDS else []
    for command in found:
        for key, limit in (("title", _TITLE), ("description", _DESCRIPTION)):
            if not 0 < len(command[key]) <= limit:
                wrong.append(
                    f"Command {command['title']!r}: its {key} has {len(command[key])} characters; 1 to {limit} are allowed."
                )
    return wrong


def _icon(name: str, png: bytes, side: int) -> list[str]:
    if not png:
        return [f"The {name} icon is missing."]
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR" or len(png) < 33:
        return [f"The {name} icon is not a PNG."]
    width, height, _, kind = struct.unpack(">IIBB", png[16:26])
    wrong = [] if (width, height) == (side, side) else [f"The {name} icon is {width}x{height}; it must be {side}x{side}."]
    if name == "outline" and kind not in (4, 6):  # the two kinds of PNG that carry opacity
        wrong.append("The outline icon has no transparency.")
    return wrong


def _guid(what: str, value: str) -> list[str]:
    if not value:
        return [f"The {what} is missing."]
    try:
        known = UUID(value)
    except ValueError:
        return [f"The {what} {value!r} is not a GUID."]
    if str(known) != value.lower():
        return [f"The {what} {value!r} is not a GUID in the form 00000000-0000-0000-0000-000000000000."]
    return [f"The {what} is the empty GUID."] if known.int == 0 else []


def _host(domain: str) -> list[str]:
    if not domain:
        return ["The domain is missing."]
    return (
        []
        if _HOST.fullmatch(domain)
        else [f"The domain {domain!r} is not a host name such as bot.example.com, without https://."]
    )


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _zip(files: Mapping[str, bytes]) -> bytes:
    """A zip that carries no time and no user of this machine, so that equal content is an equal file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, content)
    return buffer.getvalue()


def _refused(wrong: list[str]) -> Invalid:
    return Invalid(
        "The Teams package was not made. " + " ".join(wrong),
        unchanged="No file was written.",
        remedy="Set what is named here (docs/teams.md, step 6) and try again.",
    )
