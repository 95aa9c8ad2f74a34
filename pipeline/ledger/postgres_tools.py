"""PostgreSQL's own programs pg_dump, pg_restore and psql, run on the ledger's tables.

Promises that no password stands in a command line, and an error of ours with the program's own last words. Nothing
but the tables of the ledger is dumped or replaced.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from pipeline.errors import LedgerError
from pipeline.ledger.schema import metadata

_DEBIAN = Path("/usr/lib/postgresql")
_TABLES = ("alembic_version", *metadata.tables)
_NO_RIGHTS = ("--no-owner", "--no-privileges")


def dump(url: URL, file: Path) -> None:
    """Write the ledger's tables to `file`, which is one consistent view of them. Raises LedgerError."""
    tables = [f"--table={name}" for name in _TABLES]
    _do([_found("pg_dump"), "--format=custom", *_NO_RIGHTS, *tables, f"--file={file}", _place(url)], _secrets(url))


def check(file: Path) -> None:
    """Read `file` to its end. Raises LedgerError if that fails."""
    _do([_found("pg_restore"), f"--file={os.devnull}", str(file)], os.environ)


def load(url: URL, file: Path) -> None:
    """Replace the ledger's tables by those of `file`, in one transaction. Raises LedgerError, with nothing replaced.

    Not by pg_restore alone: it would leave tables that `file` does not know, as of a newer schema.
    """
    reading = [_found("pg_restore"), "--file=-", *_NO_RIGHTS, str(file)]
    writing = [_found("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output", os.devnull, _place(url)]
    with tempfile.TemporaryFile() as said:
        with (
            subprocess.Popen(reading, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as source,
            subprocess.Popen(writing, stdin=subprocess.PIPE, stderr=said, env=_secrets(url)) as sink,
        ):
            assert source.stdout is not None
            assert sink.stdin is not None
            with suppress(BrokenPipeError):  # psql has given up, and says why
                _feed(source, source.stdout, sink.stdin)
            with suppress(BrokenPipeError):
                sink.stdin.close()
            source.stdout.close()
        if sink.returncode or source.returncode:
            said.seek(0)
            raise LedgerError("pg_restore", _last_words(said.read(), sink.returncode or source.returncode))


def _feed(source: subprocess.Popen[bytes], script: IO[bytes], sink: IO[bytes]) -> None:
    """The commit is said last and only if all was read: whoever is killed before leaves things as they were."""
    names = ", ".join(f'"{name}"' for name in _TABLES)
    sink.write(f"BEGIN;\nDROP TABLE IF EXISTS {names} CASCADE;\n".encode())
    shutil.copyfileobj(script, sink, 1 << 20)
    if source.wait() == 0:
        sink.write(b"\nCOMMIT;\n")


def _do(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise LedgerError(Path(command[0]).name, _last_words(done.stderr, done.returncode))


def _last_words(said: bytes, status: int) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line and "NOTICE" not in line]
    return lines[-1] if lines else f"ended with status {status}"


def _place(url: URL) -> str:
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return f"--dbname={plain.render_as_string(hide_password=False)}"


def _secrets(url: URL) -> Mapping[str, str]:
    return os.environ | ({"PGPASSWORD": str(url.password)} if url.password is not None else {})


def _found(program: str) -> str:
    places = [os.environ.get("PATH", ""), *map(str, sorted(_DEBIAN.glob("*/bin"), reverse=True))]
    found = shutil.which(program, path=os.pathsep.join(places))
    if found is None:
        message = "is not installed; it is in PostgreSQL's client package (Debian: postgresql-client)"
        raise LedgerError(program, message)
    return found
