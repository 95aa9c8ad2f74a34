"""A machine without a network and without a mail server, as a newcomer has it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.smtpserver import Behaviour, SmtpServer
from tests.webserver import BaseUrl
from tests.world import ROOT, World, feeds_yml

GONE = "http://nothing.invalid/feed.xml"
CONFIG = {
    name: (ROOT / "config" / f"{name}.yml").read_text(encoding="utf-8")
    for name in ("topics", "watchlist", "alerts", "demo")
}


def offline(folder: Path) -> World:
    """The project's configuration, but for its sources: two that nobody can reach, and the demonstration feeds."""
    nowhere = {"NEWSWATCH_SMTP_HOST": "", "NEWSWATCH_SMTP_PORT": ""}
    world = World(folder, BaseUrl("http://nothing.invalid"), SmtpServer(Behaviour()), routes={}, environment=nowhere)
    world.configure(feeds=feeds_yml({"gone": GONE, "shut": "http://127.0.0.1:9/feed.xml"}), **CONFIG)
    return world


def environment(world: World) -> dict[str, str]:
    """That of a command, for tests that start it themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")} | world.settings()


def mails(world: World) -> dict[str, bytes]:
    """What lies in the mail folder, by file name."""
    return {file.name: file.read_bytes() for file in (world.home / "mail").iterdir()}
