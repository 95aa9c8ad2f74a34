"""What the tests of collect share: settings that do not wait, and one fetch as a plain function."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.collect import Fetcher
from pipeline.collect.addresses import why_not_public
from pipeline.collect.guard import Judge, Lookup
from pipeline.model import Content, Failed, Fetched, Validators
from pipeline.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NONE_KNOWN = Validators()


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({"host_interval": 0.0, "fetch_deadline": 10.0, **changes})


class Names:
    """A lookup made of a table; counts how often each name was asked for."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self.addresses, self.asked = addresses, list[str]()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses.get(host, ())


def fetch(
    *urls: str,
    validators: Validators = NONE_KNOWN,
    allow_private: bool = True,
    lookup: Lookup | None = None,
    judge: Judge = why_not_public,
    **changes: Any,
) -> list[Fetched]:
    """All `urls` at once through one Fetcher, in order."""

    async def run() -> list[Fetched]:
        async with Fetcher(settings(**changes), lookup=lookup, judge=judge, clock=lambda: NOON) as fetcher:
            tasks = (fetcher.fetch(url, validators=validators, allow_private=allow_private) for url in urls)
            return list(await asyncio.gather(*tasks))

    return asyncio.run(run())


def content(url: str, **options: Any) -> Content:
    (outcome,) = fetch(url, **options)
    assert isinstance(outcome, Content), outcome
    return outcome


def failed(url: str, **options: Any) -> Failed:
    (outcome,) = fetch(url, **options)
    assert isinstance(outcome, Failed), outcome
    assert outcome.url == url
    return outcome
