"""`python -m docs.pictures.team FOLDER`: takes the pictures of docs/team.md from a team that runs in FOLDER.

`make team` must be up with the demonstration feeds and have run `ingest` some times, which is quick with
NEWSWATCH_INGEST_SCHEDULE="* * * * *". Chromium is told what to do by its DevTools protocol, because Airflow's pages
want a log-in.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from docs.pictures.make import COLUMNS, COMMAND, draw
from team.places import ports_of

HERE = Path(__file__).resolve().parent
QUERY = ("search", 'topic:asem AND entity:"Prak Sokhonn"', "--facet", "source", "--limit", "3")


class Browser:
    """One page of a Chromium without a window."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.calls = 0

    async def do(self, method: str, **given: Any) -> Any:
        self.calls += 1
        await self.socket.send_json({"id": self.calls, "method": method, "params": given})
        while (said := await self.socket.receive_json()).get("id") != self.calls:
            pass
        if "error" in said:
            raise SystemExit(f"{method}: {said['error']}")
        return said["result"]

    async def photograph(self, url: str, *, size: tuple[int, int], settle: float) -> bytes:
        width, height = size
        view = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.do("Emulation.setDeviceMetricsOverride", **view)
        await self.do("Page.navigate", url=url)
        await asyncio.sleep(settle)  # pages that fill themselves say nowhere that they are done
        shot = await self.do("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])


@asynccontextmanager
async def browser(session: aiohttp.ClientSession) -> AsyncIterator[Browser]:
    port = ports_of({"mail": 0}).mail
    with tempfile.TemporaryDirectory() as user:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={user}"]
        command = [shutil.which("chromium") or "google-chrome", *options, f"--remote-debugging-port={port}"]
        process = await asyncio.create_subprocess_exec(*command, "about:blank", stderr=subprocess.DEVNULL)
        try:
            page = await _first_page(session, port)
            async with session.ws_connect(page, max_msg_size=0) as socket:
                yield Browser(socket)
        finally:
            process.terminate()
            await process.wait()


async def _first_page(session: aiohttp.ClientSession, port: int) -> str:
    for _ in range(100):
        try:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = await answer.json()
                return next(str(page["webSocketDebuggerUrl"]) for page in pages if page["type"] == "page")
        except (aiohttp.ClientError, StopIteration):
            await asyncio.sleep(0.2)
    raise SystemExit("chromium does not answer")


async def photographs(folder: Path) -> dict[str, bytes]:
    """The pictures by name."""
    ports, secrets = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("ports", "secrets")
    )
    airflow, mails = (f"http://127.0.0.1:{ports[name]}" for name in ("airflow", "mail"))
    async with aiohttp.ClientSession() as session:
        given = {"username": "admin", "password": secrets["airflow"]}
        async with session.post(f"{airflow}/auth/token", json=given) as answer:
            token = (await answer.json())["access_token"]
        async with browser(session) as chromium:
            await chromium.do("Network.setCookie", name="_token", value=token, url=airflow)
            return {
                "team-airflow": await chromium.photograph(f"{airflow}/dags/ingest", size=(1600, 720), settle=12),
                "team-mails": await chromium.photograph(mails, size=(1000, 640), settle=2),
            }


def search(folder: Path) -> None:
    """What the command prints on the team's data, as a drawing."""
    shell = f'source "{folder}/environment" && exec "$@"'
    command = ["bash", "-c", shell, "bash", str(COMMAND), *QUERY]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    environment |= {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    asked = " ".join([QUERY[0], f"'{QUERY[1]}'", *QUERY[2:]])
    draw(f"newswatch {asked}", done.stdout, HERE / "team-search.svg")


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    search(folder)
    for name, picture in asyncio.run(photographs(folder)).items():
        (HERE / f"{name}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
