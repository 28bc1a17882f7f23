"""Finds out whether the database can be reached, written to, and has the right schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from skills.kit.ports.probe import Finding, Probe
from store.engine import Database
from store.schema import HEAD, revision_of


async def probe(url: str, seconds: float = 10) -> list[Probe]:
    """One probe. It changes nothing, so a SQLite file that is not there yet is not made."""
    name, remedy = "database", "Check OPS_DATABASE_URL, and that the server runs and lets this user in."
    try:
        parsed = make_url(url)
        shown = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(parsed.database or "").exists):
            return [Probe(name=name, finding=Finding.WARN, what=f"{shown}: not there yet", remedy="The first start makes it.")]
        database = Database(url)
    except (SQLAlchemyError, ImportError) as error:
        return [Probe(name=name, finding=Finding.FAIL, what=f"not usable: {_reason(error)}", remedy=remedy)]
    try:
        async with asyncio.timeout(seconds):
            revision = await database.run(revision_of)
    except (SQLAlchemyError, TimeoutError, OSError) as error:
        reason = _reason(error) or f"no answer within {seconds:.0f} s"
        return [Probe(name=name, finding=Finding.FAIL, what=f"{shown}: {reason}", remedy=remedy)]
    finally:
        await database.close()
    if revision == HEAD:
        return [Probe(name=name, finding=Finding.OK, what=f"{shown}, schema {revision}")]
    what, remedy = (
        f"{shown}: schema {revision or 'missing'}, not {HEAD}",
        "Run `python app.py migrate`, or start the service.",
    )
    return [Probe(name=name, finding=Finding.WARN, what=what, remedy=remedy)]


def _reason(error: Exception) -> str:
    """Its first line; what follows may be the statement and its parameters."""
    return str(error).partition("\n")[0]
