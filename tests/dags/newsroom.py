"""What the DAG's runs read in these tests: a web server with feeds on several hosts, and a folder of configuration.

127.0.0.1 has the seed document's feed; 127.0.0.2 has copies of it, and a fresh report whose page says more; on
127.0.0.3 nobody listens.
"""

from __future__ import annotations

import shutil
import socket
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from ruamel.yaml import YAML

from pipeline.settings import Settings
from seeds.make_feeds import feeds
from tests.dags.runs import ROOT
from tests.smtpserver import SmtpServer
from tests.webserver import Answer

SEED_TITLE = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"
FRESH_TITLE = "Cambodia ready to host ASEM summit"
ANALYST, DESK, LIBRARY = "analyst@newsroom.example", "desk@newsroom.example", "library@newsroom.example"
OPERATOR = "operator@newsroom.example"

_FRESH = """<?xml version="1.0"?><rss version="2.0"><channel><title>Fresh</title><link>{base}/</link><description/>
<item><title>{title}</title><link>{base}/report.html</link><guid>{base}/report</guid><pubDate>{moment}</pubDate>
<description>Cambodia will host the 13th Asia-Europe Meeting (ASEM) in Phnom Penh, ministers from Asia and Europe said.
</description></item></channel></rss>"""

_PAGE = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>Cambodia will host the 13th Asia-Europe Meeting (ASEM) in Phnom Penh, ministers from Asia and Europe said.</p>
<p>Leaders of the fifty-three ASEM partners are to meet for two days on the riverside, and the motorcade will close
Monivong Boulevard, the organising committee told reporters after its weekly session.</p>
<p>Hotels in the capital are nearly booked out, and the Zanzibar-born interpreter who leads the language service has
trained forty students for the plenary, she said on the sidelines of a rehearsal.</p></article></body></html>"""


def routes(second: str) -> dict[str, Answer]:
    """Feeds and the page; `second` is the base URL by which the second host is known."""
    fresh = _FRESH.format(base=second, title=FRESH_TITLE, moment=format_datetime(datetime.now(UTC)))
    made = feeds()
    return {
        "/kingdom-daily.xml": (200, {"ETag": '"one"'}, made["kingdom-daily.xml"]),
        "/copies.xml": (200, {}, made["copies.xml"]),
        "/fresh.xml": (200, {}, fresh),
        "/report.html": (200, {"Content-Type": "text/html"}, _PAGE.format(title=FRESH_TITLE)),
    }


def source(id: str, url: str, *, demo: bool = True) -> dict[str, object]:
    """A line of feeds.yml; with `demo` its articles alert though they are old."""
    common = {"country": "KH", "language": "en", "kind": "agency", "allow_private": True}
    home = url.rsplit("/", 1)[0] + "/"
    return {"id": id, "name": id.title(), "url": url, "home": home, **common, "demo": demo}


def configure(folder: Path, sources: list[dict[str, object]]) -> Path:
    """A whole configuration: the project's topics and watch-list, these sources, two alerts and a digest."""
    folder.mkdir()
    for name in ("topics.yml", "watchlist.yml"):
        shutil.copy(ROOT / "config" / name, folder / name)
    alerts = [
        {"name": "cambodia-china", "recipients": [ANALYST], "topics": ["cambodia_china"]},
        {"name": "asem", "recipients": [DESK], "topics": ["asem"]},
        {"name": "asem-daily", "recipients": [LIBRARY], "topics": ["asem"], "when": "digest"},
    ]
    for name, content in (("feeds.yml", {"sources": sources}), ("alerts.yml", {"alerts": alerts})):
        with (folder / name).open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(content, file)
    return folder


def environment(team: Settings, config: Path, smtp: SmtpServer) -> dict[str, str]:
    """Settings for tests: the home, ledger and index of `team`, mail to `smtp`, no pauses between requests."""
    return {
        "NEWSWATCH_HOME": str(team.home),
        "NEWSWATCH_LEDGER": team.ledger_url,
        "NEWSWATCH_SEARCH": team.search,
        "NEWSWATCH_ELASTICSEARCH_URL": team.elasticsearch_url,
        "NEWSWATCH_ELASTICSEARCH_PREFIX": team.elasticsearch_prefix,
        "NEWSWATCH_OPERATOR": OPERATOR,
        "NEWSWATCH_CONFIG": str(config),
        "NEWSWATCH_SMTP_HOST": smtp.host,
        "NEWSWATCH_SMTP_PORT": str(smtp.port),
        "NEWSWATCH_HOST_INTERVAL": "0",
    }


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.3", 0))
        return int(one.getsockname()[1])
