"""`python docs/pictures/make.py`: takes the pictures of the manual from a real run.

Runs `newswatch run --demo` in a folder of its own, on the demonstration feeds and three outlets, so that the picture
stays short; draws what it printed as run.svg, and photographs one of its alert mails with Chromium as mail.png.
"""

from __future__ import annotations

import email
import email.policy
import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COMMAND = Path(sys.executable).parent / "newswatch"
COLUMNS = 100
OUTLETS = 3
MAIL = "stronger than ever"
MAIL_SIZE = (760, 830)  # pixels


def small_config(folder: Path) -> Path:
    """The project's own configuration, with only the first outlets."""
    config = Path(shutil.copytree(ROOT / "config", folder / "config"))
    feeds = config / "feeds.yml"
    head, *sources = re.split(r"(?m)^(?=  - id:)", feeds.read_text(encoding="utf-8"))
    feeds.write_text(head + "".join(sources[:OUTLETS]), encoding="utf-8")
    return config


def run(folder: Path) -> str:
    """What one pass prints on a terminal, colours included."""
    config = small_config(folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    environment |= {"NEWSWATCH_CONFIG": str(config), "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment["PATH"] = f"{COMMAND.parent}:{environment['PATH']}"  # as after `source .venv/bin/activate`
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [str(COMMAND), "run", "--demo"], cwd=folder, env=environment, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
    if process.returncode:
        raise SystemExit(f"newswatch run failed with {process.returncode}")
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end of a terminal is closed
        return b""


def draw(command: str, printed: str, target: Path) -> None:
    """No web font, since the picture must look the same without a network; and scripts whose letters a terminal's grid
    does not fit keep their own width."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text(f"$ {command}", style="bold green"))
    console.print(Text.from_ansi(printed.rstrip()), soft_wrap=True)
    plain = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    picture = console.export_svg(title="newswatch", theme=MONOKAI, code_format=plain, unique_id=target.stem)
    picture = re.sub(r' textLength="[\d.]+"(?=[^<]*[\u1780-\u17ff\u4e00-\u9fff])', "", picture)
    target.write_text(picture, encoding="utf-8")


def photograph(mails: Path, target: Path, folder: Path) -> None:
    """The HTML part of the mail about the demonstration's main story."""
    for file in sorted(mails.glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        html = message.get_body(("html",))
        if MAIL in message["Subject"] and html is not None:
            break
    else:
        raise SystemExit(f"no mail has {MAIL!r} in its subject")
    (folder / "mail.html").write_text(html.get_content(), encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    size = ",".join(map(str, MAIL_SIZE))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder / 'user'}"]
    page = (folder / "mail.html").as_uri()
    command = [browser, *options, f"--window-size={size}", f"--screenshot={target}", page]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw("newswatch run --demo", run(folder), HERE / "run.svg")
        photograph(folder / "var" / "mail", HERE / "mail.png", folder)


if __name__ == "__main__":
    main()
