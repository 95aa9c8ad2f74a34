"""Bytes from the world: what to fetch when, the network guard, conditional fetching, robots.txt and pacing."""

from pipeline.collect.discover import advertised_feeds
from pipeline.collect.fetcher import Fetcher
from pipeline.collect.plan import host_batches, next_poll

__all__ = ["Fetcher", "advertised_feeds", "host_batches", "next_poll"]
