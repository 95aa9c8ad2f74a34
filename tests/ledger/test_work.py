"""The queue: held by one at a time, neither lost nor done twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from pipeline.errors import LeaseLost
from pipeline.ledger import Ledger, work
from pipeline.ledger.work import Lease
from pipeline.settings import Settings
from tests.ledger.examples import MINUTE, NOW


def put(ledger: Ledger, *keys: str, version: int = 1) -> None:
    with ledger.transaction("test") as connection:
        work.add(connection, "enrich", [(key, version) for key in keys], due=NOW)


def take(ledger: Ledger, *, at: timedelta = timedelta(0), limit: int = 10) -> tuple[Lease, ...]:
    with ledger.transaction("test") as connection:
        return work.claim(connection, "enrich", now=NOW + at, limit=limit)


def test_work_is_held_by_one_at_a_time(ledger: Ledger) -> None:
    put(ledger, "a", "b", "c")
    first, second = take(ledger, limit=2), take(ledger)
    assert {lease.key for lease in first} | {lease.key for lease in second} == {"a", "b", "c"}
    assert len(first) == 2
    assert len(second) == 1
    assert take(ledger) == ()


def test_work_is_taken_by_the_beginning_of_its_key_to_the_letter(ledger: Ledger) -> None:
    put(ledger, "a_1", "ab1", "a_2")
    with ledger.transaction("test") as connection:
        taken = work.claim(connection, "enrich", now=NOW, limit=10, beginning="a_")
    assert {lease.key for lease in taken} == {"a_1", "a_2"}


def test_completed_work_is_gone(ledger: Ledger) -> None:
    put(ledger, "a")
    (lease,) = take(ledger)
    with ledger.transaction("test") as connection:
        work.complete(connection, lease)
    assert take(ledger, at=timedelta(days=1)) == ()


def test_many_are_completed_together_but_for_those_that_have_become_newer(ledger: Ledger) -> None:
    put(ledger, "a", "b")
    put(ledger, "c", version=7)
    leases = take(ledger)
    put(ledger, "b", version=2)
    with ledger.transaction("test") as connection:
        work.complete_all(connection, leases)
    assert [(lease.key, lease.version) for lease in take(ledger)] == [("b", 2)]


def test_of_many_none_is_completed_if_one_was_lost(ledger: Ledger) -> None:
    put(ledger, "a", "b")
    slow = take(ledger)
    (other,) = take(ledger, at=work.LEASE + MINUTE, limit=1)
    with pytest.raises(LeaseLost), ledger.transaction("test") as connection:
        work.complete_all(connection, slow)
    (kept,) = take(ledger, at=work.LEASE + MINUTE)
    assert {kept.key, other.key} == {"a", "b"}


def test_a_lease_runs_out_and_its_late_holder_cannot_complete(ledger: Ledger) -> None:
    put(ledger, "a")
    (slow,) = take(ledger)
    assert take(ledger, at=work.LEASE - MINUTE) == ()
    (quick,) = take(ledger, at=work.LEASE + MINUTE)
    assert quick.attempts == 2
    with pytest.raises(LeaseLost), ledger.transaction("test") as connection:
        work.complete(connection, slow)
    with ledger.transaction("test") as connection:
        work.complete(connection, quick)


def test_whoever_lost_his_lease_undoes_the_whole_transaction(ledger: Ledger) -> None:
    put(ledger, "a")
    (slow,) = take(ledger)
    take(ledger, at=work.LEASE + MINUTE)
    with pytest.raises(LeaseLost):
        _add_and_complete(ledger, slow)
    with ledger.read() as connection:
        assert work.due_times(connection, "index") == {}


def _add_and_complete(ledger: Ledger, lease: Lease) -> None:
    with ledger.transaction("test") as connection:
        work.add(connection, "index", [("made by the slow one", 1)], due=NOW)
        work.complete(connection, lease)


@pytest.mark.parametrize("end", ["complete", "complete_all", "defer", "bury"])
def test_a_newer_version_added_meanwhile_stays(ledger: Ledger, end: str) -> None:
    put(ledger, "a", version=1)
    (lease,) = take(ledger)
    put(ledger, "a", version=2)
    with ledger.transaction("test") as connection:
        if end == "complete":
            work.complete(connection, lease)
        elif end == "complete_all":
            work.complete_all(connection, [lease])
        elif end == "defer":
            work.defer(connection, lease, due=NOW + timedelta(days=9))
        else:
            work.bury(connection, lease, reason="no good")
    (newer,) = take(ledger)
    assert newer.version == 2


def test_deferred_work_comes_back_when_it_is_due(ledger: Ledger) -> None:
    put(ledger, "a")
    (lease,) = take(ledger)
    with ledger.transaction("test") as connection:
        work.defer(connection, lease, due=NOW + MINUTE)
    assert take(ledger) == ()
    assert take(ledger, at=MINUTE)[0].attempts == 2


def test_what_is_missing_or_was_given_up_is_added_and_what_waits_stays(ledger: Ledger) -> None:
    put(ledger, "a")
    (lease,) = take(ledger)
    put(ledger, "b")
    with ledger.transaction("test") as connection:
        work.bury(connection, lease, reason="no good")
        work.add_missing(connection, "enrich", ["a", "b", "c"], due=NOW + MINUTE)
        due = work.due_times(connection, "enrich")
        assert due == {"a": NOW + MINUTE, "b": NOW, "c": NOW + MINUTE}
        assert work.given_up(connection) == ()


def test_buried_work_is_named_and_can_be_revived(ledger: Ledger) -> None:
    put(ledger, "a")
    (lease,) = take(ledger)
    with ledger.transaction("test") as connection:
        work.bury(connection, lease, reason="no good")
        assert work.given_up(connection) == (("enrich", "a", "no good"),)
        assert work.waiting(connection, now=NOW) == (work.Queue("enrich", 0, 0, 1, None),)
    assert take(ledger, at=timedelta(days=1)) == ()
    with ledger.transaction("test") as connection:
        assert work.revive(connection, now=NOW) == 1
    assert take(ledger)[0].attempts == 1


def test_only_the_keys_asked_for_are_claimed(ledger: Ledger) -> None:
    put(ledger, "a", "b")
    with ledger.transaction("test") as connection:
        claimed = work.claim(connection, "enrich", now=NOW, limit=9, keys=["b", "z"])
    assert [lease.key for lease in claimed] == ["b"]


def test_a_living_process_keeps_its_leases_and_a_dead_one_does_not(ledger: Ledger, settings: Settings) -> None:
    put(ledger, "mine", "theirs")
    with ledger.transaction("test") as connection:
        work.claim(connection, "enrich", now=NOW, limit=1, keys=["mine"])
    script = (
        "import os; from pipeline.ledger import open_ledger, work; from pipeline.settings import load_settings\n"
        "from tests.ledger.examples import NOW\n"
        "with open_ledger(load_settings()).transaction('test') as c:\n"
        "    assert work.claim(c, 'enrich', now=NOW, limit=1)\n"
        "os.kill(os.getpid(), 9)"
    )
    environment = {"NEWSWATCH_HOME": str(settings.home), "NEWSWATCH_LEDGER": settings.ledger_url}
    dead = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert dead.returncode == -9
    assert take(ledger) == ()
    with ledger.transaction("test") as connection:
        assert work.free_dead_owners(connection) == 1
    assert [lease.key for lease in take(ledger)] == ["theirs"]


def test_two_workers_at_once_share_the_work_without_overlap(ledger: Ledger) -> None:
    keys = {f"article-{number:03}" for number in range(60)}
    put(ledger, *keys)
    done: list[str] = []

    def worker() -> None:
        while leases := take(ledger, limit=4):
            with ledger.transaction("test") as connection:
                for lease in leases:
                    work.complete(connection, lease)
            done.extend(lease.key for lease in leases)

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(keys)
