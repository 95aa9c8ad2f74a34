"""A small world for end-to-end tests: outlets on a real web server, a real mail server, a configuration of its own.

`newswatch(...)` starts the command as a user does, in a process of its own. Outlets, articles and dates are made up;
the dates are of today, since what is old does not alert.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from tests.smtpserver import Behaviour, SmtpServer, smtp_server
from tests.webserver import Answer, BaseUrl, Handler, serving

HONEST = Behaviour()
COMMAND = Path(sys.executable).parent / "newswatch"
ROOT = Path(__file__).resolve().parent.parent
STARTED = datetime.now(UTC).replace(microsecond=0)

VISIT = """Foreign Minister Prak Sokhonn flew to Beijing on Sunday for three days of talks on the expressway that
Chinese companies are building in Cambodia. He will meet his counterpart Wang Yi and sign an agreement on the export of
longan. Trade between Cambodia and China grew by a fifth last year, according to the Ministry of Commerce in Phnom
Penh."""
SUMMIT = """The leaders of the Asia-Europe Meeting will gather in Phnom Penh in November. Senior officials of ASEM
agreed in Madrid on a draft declaration on trade and connectivity. The Asia-Europe Foundation prepares a forum beside
the summit."""
PAGE = """The garment maker from Zhejiang will employ nine hundred people in Sihanoukville, the Council for the
Development of Cambodia said on Monday. It is the fourth Chinese investment in the zone this year. The Chinese
ambassador called it proof of the friendship between Cambodia and China, which both governments have called ironclad."""
RICE = "Farmers in Battambang finished planting a week early this season, because the rain came in time and was gentle."
CENSUS = "River guards counted ninety-two dolphins in the deep pools of the Mekong, three more than in the year before."


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    title: str
    text: str
    hours: float = 1.0  # old


@dataclass(slots=True)
class World:
    """One user's machine. `environment` is added to that of every command."""

    folder: Path
    web: BaseUrl
    smtp: SmtpServer
    routes: dict[str, Answer | Handler]  # what the web server answers; may be changed
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "var"

    def settings(self) -> dict[str, str]:
        return {
            "NEWSWATCH_HOME": str(self.home),
            "NEWSWATCH_CONFIG": str(self.folder / "config"),
            "NEWSWATCH_SMTP_HOST": self.smtp.host,
            "NEWSWATCH_SMTP_PORT": str(self.smtp.port),
            "NEWSWATCH_HOST_INTERVAL": "0",
            **self.environment,
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(COMMAND), *arguments],
            cwd=ROOT,
            env=_inherited() | self.settings() | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def newswatch(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; its exit status is the caller's to check."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def configure(self, **files: str) -> None:
        """Write config/NAME.yml for each."""
        folder = self.folder / "config"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.yml").write_text(text, encoding="utf-8")


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}


def rss(title: str, items: list[Item], base: str) -> bytes:
    entries = "".join(
        f"<item><title>{escape(item.title)}</title><link>{base}/{item.id}</link><guid>{item.id}</guid>"
        f"<pubDate>{format_datetime(STARTED - timedelta(hours=item.hours))}</pubDate>"
        f"<description>{escape(item.text)}</description></item>"
        for item in items
    )
    feed = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
    return f"{feed}<link>{base}/</link><description>news</description>{entries}</channel></rss>".encode()


def page(title: str, text: str) -> bytes:
    return (
        f"<html lang='en'><head><title>{escape(title)}</title></head><body><article><h1>{escape(title)}</h1>"
        f"{''.join(f'<p>{escape(part)}</p>' for part in text.split('. '))}</article></body></html>"
    ).encode()


FACTORY = "Chinese firm to open factory in Sihanoukville"


def outlets() -> dict[str, Answer]:
    """Routes of a web server with two outlets: a copy, a summary whose page says more, and what is about nothing."""
    daily = [
        Item("daily-1", "Sokhonn in Beijing for talks on expressway", VISIT),
        Item("daily-2", FACTORY, "A company from Zhejiang will employ 900 people."),
        Item("daily-3", "Planting done a week early", RICE),
    ]
    herald = [
        Item("herald-1", "Minister off to China", VISIT, hours=2),
        Item("herald-2", "Phnom Penh gets ready for ASEM summit", SUMMIT),
        Item("herald-3", "Ninety-two dolphins", CENSUS),
    ]
    return {
        "/daily.xml": (200, {"ETag": '"1"', "Content-Type": "application/rss+xml"}, rss("Daily", daily, "")),
        "/herald.xml": (200, {"ETag": '"1"', "Content-Type": "application/rss+xml"}, rss("Herald", herald, "")),
        "/robots.txt": (200, {}, b"User-agent: *\nAllow: /\n"),
    }


def feeds_yml(urls: Mapping[str, str], *, more: str = "") -> str:
    """A feeds.yml with one source for each id and URL."""
    sources = "".join(
        f"  - {{id: {id}, name: The {id.title()}, url: '{url}', country: KH, language: en, kind: independent,"
        f" allow_private: true{more}}}\n"
        for id, url in urls.items()
    )
    return f"sources:\n{sources}"


ALERTS = """alerts:
  - {name: kingdom, recipients: [analyst@example.org, desk@example.org], topics: [cambodia_china]}
  - {name: meeting, recipients: [analyst@example.org], topics: [asem]}
  - {name: minister, recipients: [analyst@example.org], entities: [Prak Sokhonn], when: instant}
  - {name: words, recipients: [desk@example.org], query: 'expressway AND longan'}
"""


@contextmanager
def living(
    folder: Path, routes: dict[str, Answer | Handler] | None = None, *, mail: Behaviour = HONEST
) -> Iterator[World]:
    """A world with the outlets above, a feed that is not there, and the project's own topics and watch-list."""
    given: dict[str, Answer | Handler] = dict(outlets()) if routes is None else routes
    with serving(given) as web, smtp_server(mail) as smtp:
        for name, answer in list(given.items()):
            if name.endswith(".xml") and isinstance(answer, tuple):
                body = answer[2] if isinstance(answer[2], bytes) else answer[2].encode()
                given[name] = (answer[0], answer[1], body.replace(b"<link>/", f"<link>{web}/".encode()))
        world = World(folder, web, smtp, given)
        for id, title, text in (("daily-1", "", VISIT), ("herald-1", "", VISIT), ("daily-2", FACTORY, PAGE)):
            given.setdefault(f"/{id}", (200, {"Content-Type": "text/html; charset=utf-8"}, page(title, text)))
        world.configure(
            feeds=feeds_yml({"daily": f"{web}/daily.xml", "herald": f"{web}/herald.xml", "gone": f"{web}/gone.xml"}),
            alerts=ALERTS,
            **{name: (ROOT / "config" / f"{name}.yml").read_text(encoding="utf-8") for name in ("topics", "watchlist")},
        )
        yield world
