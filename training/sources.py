"""`python -m training.sources`: are the files of the data folder those that training and the published scores read?

Promises an error that names the file, and says what is wrong with it, before an hour of training or a table of figures
rests on another text. checksums.txt lists the files as `sha256sum` does, with the folder NEWSWATCH_DATA as its root;
docs/data.md says what each is and where it comes from. Files that nothing here reads are not listed.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from training.samples import data_folder

CHECKSUMS = Path(__file__).parent / "checksums.txt"


def listed() -> Mapping[str, str]:
    """The SHA-256 of each file, by its path in the data folder."""
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def faults(folder: Path) -> Iterator[str]:
    """What is wrong with the files of the folder, in words; nothing if all is well."""
    if not folder.is_dir():
        yield f"there is no data folder {folder}; set NEWSWATCH_DATA (docs/data.md says what belongs into it)"
        return
    for name, digest in listed().items():
        path = folder / name
        if not path.is_file():
            yield f"{path} is missing; docs/data.md says where it comes from"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"{path} is not the file that the scores were measured on: its SHA-256 differs"


def main() -> int:
    found = list(faults(data_folder()))
    print("\n".join(found) or f"{len(listed())} files of {data_folder()} are as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
