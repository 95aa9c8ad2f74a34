"""One pass after another in this process, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.ledger import Ledger
from pipeline.settings import load_settings
from pipeline.steps.context import Context, open_context
from pipeline.steps.passes import PassReport, run_pass
from tests.world import STARTED, Item, World, feeds_yml, rss

ONE_RULE = "alerts:\n  - {name: kingdom, recipients: [analyst@example.org], topics: [cambodia_china]}\n"


@dataclass(slots=True)
class House:
    """A world, and passes over it at moments of the test's choosing."""

    world: World
    now: datetime = STARTED

    @contextmanager
    def context(self) -> Iterator[Context]:
        with ExitStack() as stack:
            yield stack.enter_context(open_context(load_settings(self.world.settings()), clock=lambda: self.now))

    def run(self, *, later: timedelta = timedelta(0)) -> PassReport:
        self.now += later
        with self.context() as context:
            return run_pass(context, everything=True)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        with self.context() as context:
            yield context.ledger

    def publish(self, *items: Item, feed: str = "daily") -> None:
        """What `feed` holds from now on; `hours` count from the start of the test run."""
        body = rss(feed, list(items), str(self.world.web))
        self.world.routes[f"/{feed}.xml"] = (200, {"Content-Type": "application/rss+xml"}, body)

    def feed(self, name: str) -> tuple[int, Mapping[str, str], bytes]:
        """The answer to who asks for a feed, to be tampered with."""
        answer = self.world.routes[f"/{name}.xml"]
        assert isinstance(answer, tuple)
        assert isinstance(answer[2], bytes)
        return answer[0], answer[1], answer[2]

    def subjects(self, recipient: str = "analyst@example.org") -> list[str]:
        """Of the mails that arrived, the headlines."""
        mails = (each for each in self.world.smtp.messages if recipient in each.recipients)
        return [str(each.mail["Subject"]).rpartition(": ")[2] for each in mails]


def furnish(world: World) -> House:
    """Two empty outlets and one alert; nothing has run yet."""
    urls = {name: f"{world.web}/{name}.xml" for name in ("daily", "herald")}
    world.configure(feeds=feeds_yml(urls), alerts=ONE_RULE)
    house = House(world)
    for name in urls:
        house.publish(feed=name)
    return house
