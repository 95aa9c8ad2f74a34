"""The one boundary where the Elasticsearch client's exceptions become ours.

Promises that nothing else leaves the back end: a server that does not answer, or says that it cannot now, is
SearchUnavailable; a refusal is a SearchError with its reason. It retries nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, TransportError, UnsupportedProductError

from pipeline.errors import IndexMismatch, SearchError, SearchUnavailable

JSON = {"accept": "application/json", "content-type": "application/json"}  # of requests that the client has no name for
LATER = frozenset({408, 429, 500, 502, 503, 504})
_KINDS: dict[int, tuple[type[SearchError], str]] = {
    401: (SearchError, "the server refuses our credentials"),
    403: (SearchError, "the server does not allow us this"),
    404: (IndexMismatch, "the server has no such index; run `newswatch reindex`"),
}


@contextmanager
def translating(subject: str = "Elasticsearch") -> Iterator[None]:
    """Raises our errors for the client's; a decorator as well. `subject` may name the request."""
    try:
        yield
    except (ApiError, TransportError) as error:
        raise ours(error, subject) from error


def ours(error: ApiError | TransportError, subject: str = "Elasticsearch") -> SearchError:
    """The same trouble as one of our errors."""
    if isinstance(error, TransportError):
        return SearchUnavailable(subject, f"the server does not answer ({error.message})")
    if isinstance(error, UnsupportedProductError):
        return SearchError(subject, "another server answers; if it is OpenSearch, set NEWSWATCH_SEARCH=opensearch")
    if error.status_code in LATER or blocked(error.body):
        return SearchUnavailable(subject, f"the server answered {error.status_code}: {reason(error.body)}")
    kind, sentence = _KINDS.get(error.status_code, (SearchError, f"the server answered {error.status_code}"))
    return kind(subject, f"{sentence}: {reason(error.body)}")


def blocked(body: Any) -> bool:
    """Whether writing is forbidden for a while: of an answer or of one item of a bulk answer."""
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and error.get("type") == "cluster_block_exception"


def reason(body: Any) -> str:
    """Why, in the server's words: of an answer or of one item of a bulk answer."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by")
    said = str(error.get("reason") or error.get("type") or error)
    return f"{said} ({reason(cause)})" if isinstance(cause, dict) else said
