"""Every error Newswatch raises on purpose, in one tree.

    NewswatchError
      ConfigError             config/*.yml: file, line, key        permanent
      SettingsError           an environment variable              permanent
      FetchError              one exchange with a host
        BadUrl                not an http(s) URL we fetch          permanent
        AddressRefused        resolves to a non-public address     permanent
        RobotsDisallowed      robots.txt says no                   permanent
        TooManyRedirects      more than the limit, or a loop       permanent
        BodyTooLarge          over the byte cap when decompressed  permanent
        HttpStatus            an answer other than 2xx and 304     by status
        Unreachable           name, connection or TLS failed       transient
        ExchangeTimeout       the total deadline passed            transient
      ParseError              one document
        NotAFeed              no feed format was recognised        permanent
        NotAPage              nothing, or another kind of file     permanent
        HostileDocument       refused before parsing               permanent
        ParserLimit           the worker hit its memory/CPU limit  permanent
      QueryError              a search or alert query
        QuerySyntaxError      not in the language                  permanent
        UnknownField          a field name nobody knows            permanent
      LedgerError
        LeaseLost             another worker took the work over    transient
        LedgerBusy            the database stayed locked           transient
        LedgerVersion         schema newer or older than the code  permanent
        NotFound              no article by that id                permanent
      SearchError
        SearchUnavailable     the search server does not answer    transient
        DocumentRejected      one document cannot be indexed       permanent
        IndexMismatch         index made by other mappings         permanent
      MailError
        MailUnavailable       the server is down or says 4xx       transient
        MailRefused           5xx for this message or recipient    permanent
      ModelError              weights missing or of another version permanent

An error carries its subject (feed URL, article id, rule name), says whether trying again can help
(`transient`), has a stable `code` for machines and a message for people, and survives pickling. It does
not decide how often to retry: the steps and the DAGs do.
"""

from __future__ import annotations

from typing import Any, ClassVar


class NewswatchError(Exception):
    """Base of the tree. `str(error)` is a sentence for people."""

    code: ClassVar[str] = "error"
    transient: bool = False

    def __init__(self, subject: str, message: str) -> None:
        super().__init__(subject, message)
        self.subject = subject
        self.message = message

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}" if self.subject else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[NewswatchError], args: tuple[Any, ...], state: dict[str, Any]) -> NewswatchError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(NewswatchError):
    """A configuration file is wrong; `file`, `line` (1-based) and `key` say where."""

    code = "config"

    def __init__(self, file: str, line: int | None, key: str, message: str) -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(where, f"{key}: {message}" if key else message)
        self.file, self.line, self.key = file, line, key


class SettingsError(NewswatchError):
    code = "settings"


class FetchError(NewswatchError):
    """One exchange with a host failed; the subject is the URL."""

    code = "fetch"


class BadUrl(FetchError):
    code = "bad_url"


class AddressRefused(FetchError):
    code = "address_refused"


class RobotsDisallowed(FetchError):
    code = "robots"


class TooManyRedirects(FetchError):
    code = "redirects"


class BodyTooLarge(FetchError):
    code = "too_large"


class Unreachable(FetchError):
    code = "unreachable"
    transient = True


class ExchangeTimeout(FetchError):
    code = "timeout"
    transient = True


class HttpStatus(FetchError):
    """The host answered with an error. 408, 425, 429 and 5xx may pass; `retry_after` is in seconds."""

    code = "http_status"

    def __init__(self, subject: str, status: int, *, retry_after: float | None = None) -> None:
        super().__init__(subject, f"the server answered {status}")
        self.status, self.retry_after = status, retry_after
        self.transient = status in (408, 425, 429) or status >= 500


class ParseError(NewswatchError):
    """One document could not be read; the subject is its file name or URL."""

    code = "parse"


class NotAFeed(ParseError):
    code = "not_a_feed"


class NotAPage(ParseError):
    code = "not_a_page"


class HostileDocument(ParseError):
    code = "hostile_document"


class ParserLimit(ParseError):
    code = "parser_limit"


class QueryError(NewswatchError):
    """A query is wrong; the subject is the query text."""

    code = "query"


class QuerySyntaxError(QueryError):
    code = "query_syntax"


class UnknownField(QueryError):
    """A field name nobody knows; `suggestion` is the nearest known one, if any is near."""

    code = "unknown_field"

    def __init__(self, subject: str, field: str, suggestion: str | None) -> None:
        hint = f'; did you mean "{suggestion}"?' if suggestion else ""
        super().__init__(subject, f'there is no field "{field}"{hint}')
        self.field, self.suggestion = field, suggestion


class LedgerError(NewswatchError):
    code = "ledger"


class LeaseLost(LedgerError):
    code = "lease_lost"
    transient = True


class LedgerBusy(LedgerError):
    code = "ledger_busy"
    transient = True


class LedgerVersion(LedgerError):
    code = "ledger_version"


class NotFound(LedgerError):
    code = "not_found"


class SearchError(NewswatchError):
    code = "search"


class SearchUnavailable(SearchError):
    code = "search_unavailable"
    transient = True


class DocumentRejected(SearchError):
    code = "document_rejected"


class IndexMismatch(SearchError):
    code = "index_mismatch"


class MailError(NewswatchError):
    code = "mail"


class MailUnavailable(MailError):
    """Not accepted now. `maybe_sent`: the answer to the final dot was never read, so it may have been taken."""

    code = "mail_unavailable"
    transient = True

    def __init__(self, subject: str, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(subject, message)
        self.maybe_sent = maybe_sent


class MailRefused(MailError):
    code = "mail_refused"


class ModelError(NewswatchError):
    code = "model"
