"""Waits for a part to answer as it should; whoever calls sets the deadline."""

import asyncio
from typing import assert_never

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from infra.local.supervisor.parts import DatabaseReady, HttpReady, Readiness

PROBE_SECONDS = 0.1
PROBE_TIMEOUT_SECONDS = 2.0


async def become_ready(condition: Readiness) -> None:
    """Ask again and again, and return when the answer is right."""
    match condition:
        case HttpReady():
            await _http(condition)
        case DatabaseReady():
            await _database(condition)
        case _:
            assert_never(condition)


async def _http(condition: HttpReady) -> None:
    async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_SECONDS, trust_env=False) as client:
        while True:
            try:
                if (await client.get(condition.url)).status_code == condition.status:
                    return
            except httpx.HTTPError:
                pass  # it does not listen yet
            await asyncio.sleep(PROBE_SECONDS)


async def _database(condition: DatabaseReady) -> None:
    while True:
        if await asyncio.to_thread(_has_database, condition):
            return
        await asyncio.sleep(PROBE_SECONDS)


def _has_database(condition: DatabaseReady) -> bool:
    engine = create_engine(condition.url, isolation_level="AUTOCOMMIT", connect_args={"timeout": PROBE_TIMEOUT_SECONDS})
    try:
        with engine.connect() as connection:
            query = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(query, {"name": condition.database}).scalar() is None:
                connection.execute(text(f'CREATE DATABASE "{condition.database}"'))
    except SQLAlchemyError:
        return False  # it does not listen yet, or is still recovering
    finally:
        engine.dispose()
    return True
