"""make env: what it writes, what it leaves alone, and what it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.compose.composefile import ROOT, compose, example, variables

SECRETS = [name for name, value in example().items() if value == "change-me"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `make env` needs, elsewhere, so that nobody's .env is touched."""
    for name in ("Makefile", ".env.example", "docker/make_env.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make_env(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "env", f"PYTHON={sys.executable}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def values(folder: Path) -> dict[str, str]:
    lines = (folder / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_secret_is_random_long_and_its_own(folder: Path) -> None:
    done = make_env(folder)
    assert (done.returncode, done.stderr) == (0, "")
    written = values(folder)
    assert [name for name, kind in variables().items() if kind == "?"] != []
    assert {name for name, kind in variables().items() if kind == "?"} == set(SECRETS)
    assert len({written[name] for name in SECRETS}) == len(SECRETS)
    for name in SECRETS:
        if name == "AIRFLOW_FERNET_KEY":
            assert Fernet(written[name]).decrypt(Fernet(written[name]).encrypt(b"?")) == b"?"
        else:
            assert len(written[name]) == 64
            assert written[name].isalnum()
        assert written[name] not in done.stdout
    (folder / ".env").unlink()
    make_env(folder)
    assert not set(values(folder).values()) & {written[name] for name in SECRETS}


def test_all_else_is_as_in_the_example_and_compose_has_all_it_asks_for(folder: Path) -> None:
    make_env(folder)
    written = values(folder)
    assert {name: value for name, value in written.items() if name not in SECRETS} == {
        name: value for name, value in example().items() if name not in SECRETS
    }
    assert "change-me" not in str(compose(written))
    comments = [line for line in (folder / ".env").read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert comments == [line for line in (ROOT / ".env.example").read_text().splitlines() if line.startswith("#")]


def test_it_is_for_its_owner_alone_and_nothing_else_is_left(folder: Path) -> None:
    make_env(folder)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    assert {file.name for file in folder.iterdir()} == {"Makefile", ".env.example", ".env", "docker"}


def test_one_that_is_there_is_not_changed(folder: Path) -> None:
    make_env(folder)
    before = (folder / ".env").read_bytes()
    again = make_env(folder)
    assert (again.returncode, again.stdout, again.stderr) == (0, ".env is there, and stays as it is\n", "")
    assert (folder / ".env").read_bytes() == before


def test_what_an_old_one_lacks_is_named(folder: Path) -> None:
    old = "POSTGRES_PASSWORD=chosen\nAIRFLOW_SECRET_KEY=change-me\nREADER_PASSWORD=\n"
    (folder / ".env").write_text(old, encoding="utf-8")
    done = make_env(folder)
    assert done.returncode != 0
    assert (folder / ".env").read_text(encoding="utf-8") == old
    lacking = next(line for line in done.stderr.splitlines() if line.startswith("it lacks "))
    assert {"ELASTIC_PASSWORD", "READER_PASSWORD", "AIRFLOW_FERNET_KEY"} <= set(lacking[9:].split(", "))
    assert "POSTGRES_PASSWORD" not in lacking
    assert "it still says change-me for AIRFLOW_SECRET_KEY" in done.stderr
