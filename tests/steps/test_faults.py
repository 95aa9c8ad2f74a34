"""Real search servers in trouble: afterwards ledger and index agree again, and nothing is lost or silently given up."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import select, update

from pipeline.index.elasticsearch import connect
from pipeline.ledger.schema import annotation
from pipeline.observe.health import checks
from pipeline.settings import load_settings
from pipeline.steps.reports import VerifyReport
from pipeline.steps.verify import verify
from tests.index.conftest import SERVERS
from tests.servers.proxy import Forward, Trouble, failing, overloaded, proxying
from tests.servers.search import SearchServer, serving_search
from tests.steps.house import House
from tests.steps.servers import searching
from tests.world import CENSUS, RICE, VISIT, Item

HOUR = timedelta(hours=1)
URL = "NEWSWATCH_ELASTICSEARCH_URL"
ITEMS = (Item("visit", "Visit", VISIT), Item("rice", "Rice", RICE), Item("census", "Census", CENSUS))


@pytest.fixture(params=SERVERS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with searching(request.param, request, tmp_path) as house:
        house.publish(*ITEMS)
        yield house


def agreed(house: House, articles: int = len(ITEMS)) -> None:
    with house.context() as context:
        assert verify(context, repair=False) == VerifyReport(articles=articles, found=articles)


def given_up(house: House) -> list[str]:
    """What the doctor says of it."""
    found = checks(load_settings(house.world.settings()))
    return [check.detail for check in found if check.name == "given up"]


@pytest.mark.parametrize("trouble", [overloaded, failing(429), failing(503)], ids=["items", "429", "503"])
def test_an_overloaded_server_gets_the_rest_later(house: House, trouble: Trouble) -> None:
    straight = house.world.environment[URL]
    with proxying(straight) as proxy:
        proxy.trouble = trouble
        house.world.environment[URL] = proxy.url
        report = house.run()
        assert report.failed == []
        taken = 1 if trouble is overloaded else 0
        assert (report.index.written, report.index.waiting, report.index.rejected) == (taken, len(ITEMS) - taken, [])
        with house.context() as context:
            assert verify(context, repair=False).waiting == len(ITEMS) - taken
        proxy.trouble = lambda path, body, forward: forward(body)
        assert house.run(later=HOUR).index.written == len(ITEMS) - taken
    house.world.environment[URL] = straight
    agreed(house)
    assert given_up(house) == []


BLOCKS = ("index.blocks.write", "index.blocks.read_only_allow_delete")


@pytest.mark.parametrize("block", BLOCKS)
def test_an_index_that_is_closed_to_writers_gets_them_later(house: House, block: str) -> None:
    house.run()
    more = (*ITEMS, Item("more", "More", "It rained on the Mekong, said the Ministry of Water."))
    house.publish(*more)
    with connect(load_settings(house.world.settings())) as client:
        blocking(house, client, {block: True})
        closed = house.run(later=HOUR)
        assert (closed.index.waiting, closed.index.rejected) == (1, [])
        blocking(house, client, {block: None})
    assert house.run(later=HOUR).index.written == 1
    agreed(house, len(more))
    assert given_up(house) == []


def blocking(house: House, client: Elasticsearch, settings: dict[str, Any]) -> None:
    client.indices.put_settings(
        index=f"{house.world.environment['NEWSWATCH_ELASTICSEARCH_PREFIX']}-*", settings=settings
    )


def test_a_document_that_the_mapping_refuses_is_given_up_by_name_and_the_others_are_written(house: House) -> None:
    house.run()
    with house.context() as context:
        bad = spoil(house)
        assert verify(context, repair=True) == VerifyReport(articles=3, found=2, stale=1)
        (said,) = given_up(house)
        assert said.startswith(f"1: index {bad}: {bad}: ")
        assert verify(context, repair=False) == VerifyReport(articles=3, found=2, refused=1)


def spoil(house: House) -> str:
    """Give one article a topic whose name no mapping takes; its id."""
    with house.ledger() as ledger, ledger.transaction("test") as connection:
        row = connection.execute(select(annotation).order_by(annotation.c.article)).first()
        assert row is not None
        topics = [{**each, "topic": "a..b"} for each in row.topics]
        changed = {"topics": topics, "revision": row.revision + 1}
        connection.execute(update(annotation).where(annotation.c.article == row.article).values(changed))
    return str(row.article)


@pytest.mark.timeout(900)  # it starts three times
def test_a_server_that_is_killed_in_mid_bulk_is_down_or_loses_its_disk(
    house_of_its_own: tuple[House, SearchServer],
) -> None:
    house, server = house_of_its_own
    with proxying(server.url) as proxy:
        proxy.trouble = killing(server)
        house.world.environment[URL] = proxy.url
        killed = house.run()
        assert (killed.index.written, killed.index.waiting, killed.index.rejected) == (0, len(ITEMS), [])
        assert len(proxy.bulks) >= 1
    house.world.environment[URL] = server.url
    down = house.run(later=HOUR)
    assert (down.index.written, down.index.waiting) == (0, len(ITEMS))
    server.start()
    assert house.run(later=HOUR).index.written == len(ITEMS)
    agreed(house)
    server.kill()
    shutil.rmtree(server.folder / "node")
    server.start()
    house.publish(*ITEMS, Item("more", "More", "It rained on the Mekong, said the Ministry of Water."))
    assert house.run(later=HOUR).index.written == 1
    with house.context() as context:
        assert verify(context, repair=True) == VerifyReport(articles=4, found=1, missing=3, repaired=3)
    agreed(house, 4)
    assert given_up(house) == []


@pytest.fixture(params=SERVERS)
def house_of_its_own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[House, SearchServer]]:
    with (
        serving_search(request.param, tmp_path) as server,
        searching("embedded", request, tmp_path / "house") as house,
    ):
        house.world.environment |= {"NEWSWATCH_SEARCH": request.param, URL: server.url}
        house.publish(*ITEMS)
        yield house, server


def killing(server: SearchServer) -> Callable[[str, bytes, Forward], tuple[int, bytes] | None]:
    """The server has got half of a bulk request when it is killed."""

    def trouble(path: str, body: bytes, forward: Forward) -> tuple[int, bytes] | None:
        if not path.startswith("/_bulk"):
            return forward(body)
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port or 0)) as connection:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(body)}"
            )
            connection.sendall(f"{head}\r\n\r\n".encode() + body[: len(body) // 2])
            server.kill()
        return None

    return trouble
