"""The ledger's door: opens the database, brings its schema up to date, and gives transactions.

Promises that a transaction is all or nothing, that SQLite writers wait for each other instead of failing
halfway (`BEGIN IMMEDIATE`), and that a committed transaction survives a power cut. It holds no queries: each
step's are in the module named after what they are about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, OperationalError

from pipeline.crashpoint import reach
from pipeline.errors import LedgerBusy, LedgerError, LedgerVersion
from pipeline.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0006"
_SHARED_EXECUTORS = ("celery", "kubernetes")
_FAMILY_LOCK = 0x4E657773  # any constant; names the advisory lock on PostgreSQL
_MIGRATION_LOCK = _FAMILY_LOCK + 1
_ARTICLE_LOCK = _FAMILY_LOCK + 2
# Connection lost, a server that only reads (it has not taken over yet), transaction rolled back (deadlock), out of
# resources, lock not to be had, shut down or starting.
_PASSING = ("08", "25006", "40", "53", "55P03", "57P0")
SECRETS = ("password", "sslpassword")  # that may stand behind the ? of an address


class Ledger:
    """An open database. Safe to use from several threads, and from several processes at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self, name: str) -> Iterator[Connection]:
        """One write transaction; commits at the end, or undoes everything on an exception.

        `name` is that of the crash points before and after the commit. Raises LedgerBusy if the database stays
        locked for 30 seconds.
        """
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
                reach(f"{name}.commit.before")
        except (OperationalError, InternalError) as error:
            raise _translated(error) from error
        reach(f"{name}.commit.after")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the data, for reading."""
        options: dict[str, Any] = {"newswatch_read": True}
        if self.engine.dialect.name == "postgresql":  # which by default looks anew for each statement
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except (OperationalError, InternalError) as error:
            raise _translated(error) from error

    def close(self) -> None:
        self.engine.dispose()

    @property
    def kind(self) -> str:
        """sqlite or postgresql."""
        return self.engine.dialect.name

    @property
    def shown(self) -> str:
        """Its address, without secrets."""
        return shown(self.engine.url)


def open_ledger(settings: Settings) -> Ledger:
    """The ledger of `settings`, created or migrated if need be.

    Raises LedgerVersion for a schema newer than this code, LedgerError if the database cannot be used, LedgerBusy if
    it cannot be used now.
    """
    return open_at(settings.ledger_url, named="NEWSWATCH_LEDGER")


def open_at(address: str, *, named: str) -> Ledger:
    """The ledger at a database URL, as `open_ledger`; `named` is what an error calls the place of a wrong URL."""
    engine = _engine(address, named)
    _refuse_shared_sqlite(engine)
    try:
        if _version(engine) != HEAD:
            _migrate(engine)
    except DBAPIError as error:
        kind = LedgerBusy if _may_pass(error) else LedgerError
        raise kind(shown(engine.url), f"the ledger cannot be opened: {error.orig}") from error
    return Ledger(engine)


def shown(url: URL) -> str:
    """An address as it may be printed: without passwords."""
    return url.set(drivername=url.get_backend_name()).difference_update_query(SECRETS).render_as_string()


def known_versions() -> frozenset[str]:
    """The versions of the schema that this code can open."""
    from alembic.script import ScriptDirectory

    return frozenset(each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def lock_families(connection: Connection) -> None:
    """Let one transaction at a time decide on families; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FAMILY_LOCK})


def lock_articles(connection: Connection) -> None:
    """Let one transaction at a time take in articles or pages; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ARTICLE_LOCK})


def _engine(address: str, named: str) -> Engine:
    url = _url(address, named)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if url.get_backend_name() != "sqlite":
        raise LedgerError(named, f"{shown(url)}: the ledger is SQLite or PostgreSQL")
    if url.database in (None, "", ":memory:"):
        raise LedgerError(named, "a ledger in memory is lost at once; write sqlite:///FILE")
    _make_folder(url)
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _url(address: str, named: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        # Not chained: the error's text could hold the password.
        message = "this is no database address; write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE"
        raise LedgerError(named, message) from None


def _make_folder(url: URL) -> None:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(str(folder), f"the ledger's folder cannot be made: {error.strerror}") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("newswatch_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _refuse_shared_sqlite(engine: Engine) -> None:
    executor = os.environ.get("AIRFLOW__CORE__EXECUTOR", "").lower()
    if engine.dialect.name == "sqlite" and any(name in executor for name in _SHARED_EXECUTORS):
        raise LedgerError("NEWSWATCH_LEDGER", f"a SQLite ledger cannot be shared by the {executor}; use PostgreSQL")


def _version(engine: Engine) -> str | None:
    with engine.connect().execution_options(newswatch_read=True) as connection:  # not waiting for who writes
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise LedgerVersion(shown(engine.url), f"made by another version of Newswatch: {error}") from error


def _translated(error: DBAPIError) -> LedgerError:
    if "locked" in str(error.orig):
        return LedgerBusy("ledger", "the database stayed locked by another process")
    if error.connection_invalidated:
        return LedgerBusy("ledger", f"the connection to the database was lost: {error.orig}")
    return (LedgerBusy if _may_pass(error) else LedgerError)("ledger", str(error.orig))


def _may_pass(error: DBAPIError) -> bool:
    """Whether PostgreSQL says so (appendix A of its manual), or was not reached at all."""
    state = getattr(error.orig, "sqlstate", "")
    unreached = state is None and isinstance(error, OperationalError)
    return unreached or (state or "").startswith(_PASSING)
