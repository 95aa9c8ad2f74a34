"""PostgreSQL's own programs pg_dump, pg_restore and psql, run on the ledger's tables.

Promises that no password stands in a command line or is asked for, and an error of ours with the program's own last
words. Nothing but the tables of the ledger is dumped or replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from pipeline.crashpoint import reach
from pipeline.errors import LedgerBusy, LedgerError
from pipeline.ledger.copying import PATIENCE
from pipeline.ledger.database import SECRETS
from pipeline.ledger.schema import metadata

_DEBIAN = Path("/usr/lib/postgresql")
_TABLES = ("alembic_version", *metadata.tables)
_NO_RIGHTS = ("--no-owner", "--no-privileges")
_VERSION = re.compile(r"^COPY \S*alembic_version .*\n(.+)\n\\\.$", re.MULTILINE)
_PASSING = re.compile(r"lock timeout|connection to server|terminat|starting up|shutting down|too many (clients|conn)")
_PREAMBLE = 4096  # bytes
_NEWER = b"SET transaction_timeout = 0;\n"  # said by PostgreSQL 17's tools, also to older servers, which refuse it
_LINES = 3  # of what a program said, at most


def dump(url: URL, file: Path) -> None:
    """Write the ledger's tables to `file`, which is one consistent view of them. Raises LedgerError."""
    tables = [f"--table={name}" for name in _TABLES]
    waiting = f"--lock-wait-timeout={PATIENCE}s"
    command = [found("pg_dump"), "--format=custom", waiting, *_NO_RIGHTS, *tables, f"--file={file}", *_place(url)]
    _do(command, _secrets(url))


def check(file: Path) -> str:
    """Read `file` to its end; the version of its schema. Raises LedgerError if it is no whole dump of a ledger."""
    program = found("pg_restore")
    try:
        _do([program, f"--file={os.devnull}", str(file)], os.environ)
        said = _do([program, "--data-only", "--table=alembic_version", "--file=-", str(file)], os.environ)
    except LedgerError as error:
        raise LedgerError(str(file), f"this is no sound back-up of a ledger: {error.message}") from error
    version = _VERSION.search(said.decode(errors="replace"))
    if version is None:
        raise LedgerError(str(file), "this is a dump of a database, but not of a ledger")
    return version[1]


def load(url: URL, file: Path, *, patience: float = PATIENCE) -> None:
    """Replace the ledger's tables by those of `file`, in one transaction. Raises LedgerError, with nothing replaced.

    Not by pg_restore alone: it would leave tables that `file` does not know, as of a newer schema.
    """
    reading = [found("pg_restore"), "--file=-", *_NO_RIGHTS, str(file)]
    writing = [found("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output", os.devnull, *_place(url)]
    with tempfile.TemporaryFile() as said:
        with (
            subprocess.Popen(reading, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as source,
            subprocess.Popen(writing, stdin=subprocess.PIPE, stderr=said, env=_secrets(url)) as sink,
        ):
            assert source.stdout is not None
            assert sink.stdin is not None
            with suppress(BrokenPipeError):  # psql has given up, and says why
                sink.stdin.write(_opening(patience))
                _feed(source, source.stdout, sink.stdin)
            with suppress(BrokenPipeError):
                sink.stdin.close()
            source.stdout.close()
        if sink.returncode or source.returncode:
            said.seek(0)
            raise _failed(
                "psql" if sink.returncode else "pg_restore", said.read(), sink.returncode or source.returncode
            )


def found(program: str, *, among: Sequence[Path] | None = None) -> str:
    """Where a program is, by default on the PATH or where Debian keeps it. Raises LedgerError if it is not there."""
    usual = (*map(Path, os.get_exec_path()), *sorted(_DEBIAN.glob("*/bin"), reverse=True))
    places = os.pathsep.join(map(str, usual if among is None else among))
    path = shutil.which(program, path=places)
    if path is None:
        message = "is not installed; it is in PostgreSQL's client package (Debian: postgresql-client)"
        raise LedgerError(program, message)
    return path


def _opening(patience: float) -> bytes:
    names = ", ".join(f'"{name}"' for name in _TABLES)
    timeout = f"SET LOCAL lock_timeout = '{patience * 1000:.0f}ms'"
    return f"BEGIN;\n{timeout};\nDROP TABLE IF EXISTS {names};\n".encode()


def _feed(source: subprocess.Popen[bytes], script: IO[bytes], sink: IO[bytes]) -> None:
    """The commit is said last and only if all was read: whoever is killed before leaves things as they were."""
    sink.write(script.read(_PREAMBLE).replace(_NEWER, b""))
    shutil.copyfileobj(script, sink, 1 << 20)
    if source.wait() == 0:
        sink.flush()
        reach("ledger.restore.commit")
        sink.write(b"\nCOMMIT;\n")


def _do(command: list[str], environment: Mapping[str, str]) -> bytes:
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise _failed(Path(command[0]).name, done.stderr, done.returncode)
    return done.stdout


def _failed(program: str, said: bytes, status: int) -> LedgerError:
    lines = [line for line in said.decode(errors="replace").splitlines() if line and "NOTICE" not in line]
    words = " ".join(lines[:_LINES]) or f"ended with status {status}"
    return (LedgerBusy if _PASSING.search(words) else LedgerError)(program, words.removeprefix(f"{program}: "))


def _place(url: URL) -> tuple[str, str]:
    query = url.difference_update_query(SECRETS).query
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return f"--dbname={plain.render_as_string()}", "--no-password"


def _secrets(url: URL) -> Mapping[str, str]:
    password = url.password if url.password is not None else url.query.get("password")
    return os.environ | ({"PGPASSWORD": str(password)} if password is not None else {})
