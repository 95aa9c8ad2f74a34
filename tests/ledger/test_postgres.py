"""What PostgreSQL alone can do or suffer: workers that do not wait for one another, and a server that goes away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from pipeline.errors import LedgerBusy
from pipeline.ledger import Ledger, open_ledger, outbox, sources, work
from pipeline.model import Notification
from pipeline.settings import Settings, load_settings
from tests.ledger.examples import NOW, SOURCES
from tests.ledger.test_findings import enrich, notification
from tests.servers.postgres import Server, started


@pytest.fixture
def settings(postgres_url: str) -> Settings:
    return load_settings({"NEWSWATCH_LEDGER": postgres_url})


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with closing(open_ledger(settings)) as opened:
        yield opened


def put(ledger: Ledger, count: int) -> set[str]:
    keys = {f"article-{number:03}" for number in range(count)}
    with ledger.transaction("test") as connection:
        work.add(connection, "enrich", [(key, 1) for key in keys], due=NOW)
    return keys


def test_a_claim_waits_for_no_other(ledger: Ledger) -> None:
    """All in one thread, where waiting for another claim's end would be for ever."""
    keys = put(ledger, 10)
    with ledger.transaction("one") as one, ledger.transaction("two") as two, ledger.transaction("three") as three:
        taken = []
        for connection, limit in ((one, 4), (two, 100), (three, 100)):
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            taken.append({lease.key for lease in work.claim(connection, "enrich", now=NOW, limit=limit)})
    assert [len(each) for each in taken] == [4, 6, 0]
    assert taken[0] | taken[1] == keys


WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_what_joins_another_family_while_a_mail_is_made_is_not_told_twice(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        sources.register(connection, SOURCES, now=NOW)
        one, two = enrich(connection, 1), enrich(connection, 2)
        outbox.add(connection, [notification(one), notification(two, id="n2")])
    with ThreadPoolExecutor() as pool:
        with ledger.transaction("enrich") as connection:
            outbox.move_family(connection, two, one)
            waits = pool.submit(_pending, ledger, family=two)
            while not connection.execute(text(WAITING)).first():
                assert not waits.done()
                connection.execute(text("SELECT pg_stat_clear_snapshot()"))  # or the first look is kept to the end
                time.sleep(0.05)
        assert waits.result() == ()
    assert [each.id for each in _pending(ledger, family=one)] == ["n1"]


def _pending(ledger: Ledger, *, family: str) -> tuple[Notification, ...]:
    with ledger.transaction("compose") as connection:
        return outbox.pending(connection, recipient="a@example.org", send="instant", family=family)


WORKER = """
from pipeline.ledger import open_ledger, work
from pipeline.settings import load_settings
from tests.ledger.examples import NOW
ledger = open_ledger(load_settings())
print("ready", flush=True)
input()
while True:
    with ledger.transaction("test") as connection:
        leases = work.claim(connection, "enrich", now=NOW, limit=5)
    if not leases:
        break
    with ledger.transaction("test") as connection:
        for lease in leases:
            assert work.complete(connection, lease)
    print(*(lease.key for lease in leases), flush=True)
"""


def test_processes_at_once_share_the_work_without_overlap(ledger: Ledger, settings: Settings) -> None:
    keys = put(ledger, 400)
    environment = dict(os.environ) | {"NEWSWATCH_LEDGER": settings.ledger_url}
    command, pipe = [sys.executable, "-c", WORKER], subprocess.PIPE
    workers = [subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    done = [worker.communicate(timeout=120)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert Counter(key for each in done for key in each) == Counter(keys)
    assert sum(bool(each) for each in done) >= 2


def test_a_server_that_only_reads_is_worth_another_try(ledger: Ledger) -> None:
    with pytest.raises(LedgerBusy, match="read-only transaction"):
        _write_in_standby(ledger)


def _write_in_standby(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        work.add(connection, "enrich", [("a", 1)], due=NOW)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as server:
        yield server


def test_an_outage_passes(server: Server) -> None:
    settings = load_settings({"NEWSWATCH_LEDGER": f"{server.url}/postgres"})
    with closing(open_ledger(settings)) as ledger:
        put(ledger, 1)
        with pytest.raises(LedgerBusy):
            _write_during(ledger, server)
        for attempt in (_read, _write):
            with pytest.raises(LedgerBusy):
                attempt(ledger)
        with pytest.raises(LedgerBusy, match="cannot be opened"):
            open_ledger(settings)
        server.start()
        assert _read(ledger) == 1  # what was not committed is not there
        _write(ledger)
        assert _read(ledger) == 2


def _write_during(ledger: Ledger, server: Server) -> None:
    """The server goes away in the middle of a transaction."""
    with ledger.transaction("test") as connection:
        work.add(connection, "enrich", [("lost", 1)], due=NOW)
        server.stop()


def _write(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        work.add(connection, "enrich", [("later", 1)], due=NOW)


def _read(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return len(work.due_times(connection, "enrich"))
