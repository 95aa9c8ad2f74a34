"""Where the corpora lie, and their documents."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = Path(os.environ.get("NEWSWATCH_DATA") or ROOT.parent / "shared" / "data")


def archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a tar archive, as (name, bytes); nothing is unpacked to disk."""
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file:
                yield member.name, file.read()
