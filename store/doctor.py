"""Finds out whether the database can be reached, written to, and has the right schema."""

from __future__ import annotations

import asyncio

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from skills.kit.ports.probe import Finding, Probe
from store.engine import Database
from store.schema import HEAD, revision_of


async def probe(url: str, seconds: float = 10) -> list[Probe]:
    """One probe. It changes nothing."""
    shown = make_url(url).render_as_string(hide_password=True)
    database = Database(url)
    try:
        async with asyncio.timeout(seconds):
            revision = await database.run(revision_of)
    except (SQLAlchemyError, TimeoutError, OSError) as error:
        reason = str(error).partition("\n")[0] or f"no answer within {seconds:.0f} s"
        remedy = "Check OPS_DATABASE_URL, and that the server runs and lets this user in."
        return [Probe(name="database", finding=Finding.FAIL, what=f"{shown}: {reason}", remedy=remedy)]
    finally:
        await database.close()
    if revision == HEAD:
        return [Probe(name="database", finding=Finding.OK, what=f"{shown}, schema {revision}")]
    remedy = "Run `python app.py migrate`, or just start the service: it migrates."
    return [
        Probe(name="database", finding=Finding.WARN, what=f"{shown}: schema {revision or 'missing'}, not {HEAD}", remedy=remedy)
    ]
