"""`python -m team.catcher FOLDER --smtp PORT --page PORT`: takes every mail, sends none on, and shows them on a page.

A mail is on disk (a Maildir) before the sender hears 250, so a restart loses none. What a mail holds is never trusted:
its HTML is shown in a sandbox without scripts, links to elsewhere or pictures from outside.
"""

from __future__ import annotations

import argparse
import asyncio
import mailbox
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader

HOST = "127.0.0.1"
LARGEST = 30 * 2**20  # bytes of one mail
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, auto_reload=False)
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PLAIN = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Caught:
    key: str
    at: datetime
    message: EmailMessage

    def described(self) -> dict[str, str]:
        headers = {name: str(self.message.get(name, "")) for name in ("From", "Delivered-To", "Subject", "Message-ID")}
        return {"key": self.key, "at": f"{self.at:%Y-%m-%d %H:%M:%S}Z", **headers}


class Mails:
    """The mails of a folder. Only this process writes there."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:
        """The hook that aiosmtpd calls; what it returns is the answer."""
        to = ", ".join(envelope.rcpt_tos)
        # The message's own headers need not name those who get it.
        head = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {to}\r\n"
        body = envelope.original_content or b""
        key = await asyncio.to_thread(self.box.add, head.encode() + body)
        print(f"for {to}: {self._parsed(str(key)).get('Subject', '')}", flush=True)
        return "250 OK"

    def all(self) -> list[Caught]:
        """Newest first."""
        caught = [self.one(key) for key in self.box.iterkeys()]
        return sorted(caught, key=lambda each: (each.at, each.key), reverse=True)

    def one(self, key: str) -> Caught:
        """Raises KeyError if there is none of that key."""
        moment = datetime.fromtimestamp(self.box.get_message(key).get_date(), UTC)
        return Caught(key, moment, self._parsed(key))

    def _parsed(self, key: str) -> EmailMessage:
        return message_from_bytes(self.box.get_bytes(key), policy=policy.default)


def application(mails: Mails) -> web.Application:
    made = web.Application()
    made.add_routes(
        [
            web.get("/", _list(mails)),
            web.get("/mails.json", _json(mails)),
            web.get("/{key}", _page(mails)),
            web.get("/{key}/html", _part(mails, "html")),
            web.get("/{key}/text", _part(mails, "plain")),
            web.get("/{key}/source", _source(mails)),
        ]
    )
    return made


Handler = Callable[[web.Request], Awaitable[web.Response]]


def _list(mails: Mails) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        described = [each.described() for each in mails.all()]
        return _html(PAGES.get_template("mails.html").render(mails=described), PLAIN)

    return answer


def _json(mails: Mails) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response([each.described() for each in mails.all()])

    return answer


def _page(mails: Mails) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        mail = _found(mails, request)
        parts = [kind for kind in ("html", "plain") if mail.message.get_body((kind,)) is not None]
        return _html(PAGES.get_template("mail.html").render(mail=mail.described(), parts=parts), PLAIN)

    return answer


def _part(mails: Mails, kind: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        body = _found(mails, request).message.get_body((kind,))
        if body is None:
            raise web.HTTPNotFound(text="this mail has no such part")
        text = str(body.get_content())
        return _html(text, SANDBOX) if kind == "html" else web.Response(text=text)

    return answer


def _source(mails: Mails) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        source = mails.box.get_bytes(_found(mails, request).key)
        return web.Response(text=source.decode(errors="replace"))

    return answer


def _found(mails: Mails, request: web.Request) -> Caught:
    try:
        return mails.one(request.match_info["key"])
    except KeyError:
        raise web.HTTPNotFound(text="there is no such mail") from None


def _html(text: str, allowed: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": allowed})


async def serve(folder: Path, *, smtp: int, page: int) -> None:
    """Until it is cancelled."""
    mails = Mails(folder)

    def session() -> SMTP:
        # A host name of its own, because aiosmtpd would ask a name server for one.
        return SMTP(mails, hostname="catcher.localhost", data_size_limit=LARGEST, enable_SMTPUTF8=True)

    runner = web.AppRunner(application(mails), access_log=None)
    await runner.setup()
    try:
        listening = await asyncio.get_running_loop().create_server(session, HOST, smtp)
        await web.TCPSite(runner, HOST, page).start()
        print(f"mails in {folder}", flush=True)
        async with listening:
            await listening.serve_forever()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes every mail and shows them on a page.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--page", type=int, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.folder, smtp=given.smtp, page=given.page))


if __name__ == "__main__":
    main()
