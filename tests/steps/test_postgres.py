"""The whole way on PostgreSQL gives what it gives on SQLite."""

from __future__ import annotations

from pathlib import Path

from tests.crash.state import check_mails, state
from tests.world import living


def test_both_databases_give_the_same(tmp_path: Path, postgres_url: str) -> None:
    outcomes = []
    for name, given in (("sqlite", {}), ("postgresql", {"NEWSWATCH_LEDGER": postgres_url})):
        with living(tmp_path / name) as world:
            world.environment |= given
            for _ in range(2):
                done = world.newswatch("run")
                assert done.returncode == 0, done.stderr
            outcomes.append((state(world), check_mails(world, crashes=0)))
    assert outcomes[0] == outcomes[1]
