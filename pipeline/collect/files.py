"""file: URLs, for sources that are allowed them.

Promises: reads one regular file, under the byte cap, relative paths against the repository and then the current
folder. The validator is a strong one, made from the bytes' SHA-256, so a rewritten file with the same bytes is
Unchanged. Does not ask whether the source is allowed it (fetcher.py does).

Source: RFC 8089, which knows no relative file: URLs; these are ours, for files that travel with the configuration.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.errors import BadUrl, BodyTooLarge, Unreachable
from pipeline.model import Content, Unchanged, Validators
from pipeline.settings import ROOT


def is_file(url: str) -> bool:
    return url[:5].lower() == "file:"


def read(url: str, *, validators: Validators, max_bytes: int) -> Content | Unchanged:
    """The file that `url` names. Raises BadUrl, Unreachable or BodyTooLarge; blocks while it reads."""
    path = _path(url)
    try:
        body = _bytes(path, max_bytes + 1)
    except OSError as error:
        raise Unreachable(url, f"the file cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(body) > max_bytes:
        raise BodyTooLarge(url, f"the file is larger than {max_bytes:,} bytes")
    etag = f'"sha256-{sha256(body).hexdigest()}"'
    if validators.etag == etag:
        return Unchanged(url)
    return Content(url=url, final_url=url, body=body, headers={"etag": etag}, validators=Validators(etag=etag))


def _path(url: str) -> Path:
    try:
        parts = urlsplit(url)
        path = Path(unquote(parts.path, errors="strict"))
    except ValueError as error:
        raise BadUrl(url, f"not a URL: {error}") from error
    if parts.netloc not in ("", "localhost"):
        raise BadUrl(url, "names a file of another machine")
    if "\0" in str(path) or not path.name:
        raise BadUrl(url, "names no file")
    return path


def _bytes(path: Path, most: int) -> bytes:
    in_repository = ROOT / path
    found = in_repository if in_repository.is_file() else path
    if found.exists() and not found.is_file():  # a FIFO or a device could keep us for ever
        raise OSError("it is not a regular file")
    with found.open("rb") as file:
        return file.read(most)
