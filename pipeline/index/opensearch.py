"""OpenSearch through the Elasticsearch client: the same requests in plain JSON.

Promises that what the client sends and gets is what OpenSearch 3 knows: media types without the vendor's name, and
the product header that the client looks for. Everything else (indices, queries, bulk writes) is `elasticsearch`'s; the
contract suites run on both servers.
"""

from __future__ import annotations

from typing import Any

from elastic_transport import HttpHeaders, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT

_MEDIA_TYPES = ("accept", "content-type")


class OpenSearchNode(Urllib3HttpNode):
    """A connection to one OpenSearch server."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: Any = DEFAULT,
    ) -> Any:
        plain = HttpHeaders(headers or {})
        for name in _MEDIA_TYPES:
            if name in plain:
                plain[name] = _plain(plain[name])
        answer = super().perform_request(method, target, body, plain, request_timeout)
        answer.meta.headers["X-Elastic-Product"] = "Elasticsearch"
        return answer


def _plain(media_type: str) -> str:
    """`application/vnd.elasticsearch+x-ndjson; compatible-with=9` -> `application/x-ndjson`."""
    kind = media_type.partition(";")[0].strip()
    return kind.replace("vnd.elasticsearch+", "")
