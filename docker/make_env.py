"""make env: .env from .env.example, with a new random value in place of every change-me.

Promises that a .env that is there is never changed, that a new one is whole and readable by its owner alone, and that
no secret is printed. It runs before anything is installed, so it needs Python alone. Comments stay as they are.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
PLACEHOLDER = "change-me"
BYTES = 32  # of chance in each value; 64 characters, which is what the longest of them must have
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def main() -> int:
    example = (FOLDER / ".env.example").read_text(encoding="utf-8")
    file = FOLDER / ".env"
    try:
        write_private(file, filled(example))
    except FileExistsError:
        return report(example, file.read_text(encoding="utf-8"))
    print("wrote .env; read it, and set NEWSWATCH_CONTACT")
    return 0


def filled(example: str) -> str:
    return _LINE.sub(lambda line: f"{line[1]}={made(line[1]) if line[2] == PLACEHOLDER else line[2]}", example)


def made(name: str) -> str:
    """Letters and digits; a Fernet key in the one form that is valid (https://github.com/fernet/spec)."""
    if name.endswith("FERNET_KEY"):
        return base64.urlsafe_b64encode(secrets.token_bytes(BYTES)).decode()
    return secrets.token_hex(BYTES)


def write_private(file: Path, text: str) -> None:
    """Raises FileExistsError if it is there; whoever is interrupted leaves none."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
    try:
        os.link(beside, file)  # unlike a rename, it replaces nothing
    finally:
        beside.unlink()


def report(example: str, there: str) -> int:
    """What to do about a .env that is there; the exit status is 1 if it lacks something."""
    values = dict(_LINE.findall(there))
    lacking = [name for name, value in _LINE.findall(example) if value == PLACEHOLDER and not values.get(name)]
    unset = [name for name, value in values.items() if value == PLACEHOLDER]
    print(".env is there, and stays as it is")
    for names, what in ((lacking, "it lacks"), (unset, f"it still says {PLACEHOLDER} for")):
        if names:
            print(f"{what} {', '.join(names)}", file=sys.stderr)
    return 1 if lacking or unset else 0


if __name__ == "__main__":
    sys.exit(main())
