"""The process that reads hostile documents: `python -m pipeline.parse.child MEMORY`, frames in, frames out.

Promises one answer a document, or death: by SIGPROF when the document used its CPU seconds, by exhausted memory. It
writes no file, holds few descriptors, and ends when its parent does. A MemoryError is answered if it can be, and then
the process ends: nobody knows what else failed to be built. It does not decide what its death means: see `worker`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import xml.sax.expatreader
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final

from pipeline.errors import NewswatchError, ParseError
from pipeline.parse.feeds import parse_feed
from pipeline.parse.wire import OUT_OF_MEMORY, pack, to_json, unpack

_FILES: Final = 64
# Loaded before the limits bite: xml.sax swallows the failure to load it, and would blame the document.
_READER: Final = xml.sax.expatreader.create_parser


def serve(source: BinaryIO, sink: BinaryIO) -> int:
    """Answers documents until the end of `source`. Returns the exit status."""
    try:
        while True:
            request, body = unpack(lambda size: _exactly(source, size))
            signal.setitimer(signal.ITIMER_PROF, float(request["seconds"]))
            answer = pack(_answer(request, body))
            signal.setitimer(signal.ITIMER_PROF, 0)
            sink.write(answer)
            sink.flush()
    except EOFError:
        return 0
    except MemoryError:
        return OUT_OF_MEMORY


def _answer(request: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    try:
        return {"ok": _parse(request, body)}
    except NewswatchError as error:
        return {"error": error.code, "subject": error.subject, "message": error.message}
    except RecursionError:
        return {"error": ParseError.code, "subject": request["url"] or "", "message": "it is nested too deeply"}


def _parse(request: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    now = datetime.fromisoformat(request["now"])
    if request["kind"] == "feed":
        return to_json(parse_feed(body, url=request["url"], headers=request["headers"], now=now))
    from pipeline.parse.pages import parse_page  # trafilatura costs 20 MB and a third of a second: only when asked for

    return to_json(parse_page(body, url=request["url"] or "", headers=request["headers"], now=now))


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _confine(memory: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    least = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (least, least))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))


def main() -> int:
    # Frames go to a copy of standard output, so that a library that prints cannot break them.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(int(sys.argv[1]))
    return serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    sys.exit(main())
