"""The step that reads: language, topics, entities, family, and who is to hear of it.

Promises one transaction for each batch: annotations, families, notifications, and the outbox rows that make them
indexed, mailed and their pages fetched. An article that cannot be annotated is buried by name; the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline import alerts
from pipeline.alerts.digest import digest_slot
from pipeline.enrich import families
from pipeline.enrich.annotator import Annotator
from pipeline.errors import LeaseLost
from pipeline.index import match_queries
from pipeline.ledger import articles, facts, findings, lock_families, outbox, work
from pipeline.ledger.work import Lease
from pipeline.logs import get_logger
from pipeline.model import Annotated, Annotation, Article, Match, Membership, Notification, Rule, TextItem
from pipeline.query import parse_query
from pipeline.steps.context import Context
from pipeline.steps.facts import note
from pipeline.steps.index import documents
from pipeline.steps.naming import at_work
from pipeline.steps.progress import Progress
from pipeline.steps.reports import EnrichReport
from pipeline.steps.saying import say_enriched, say_matched

log = get_logger(__name__)


@at_work("enrich")
def enrich(context: Context, ids: Sequence[str] | None = None) -> EnrichReport:
    """Enrich what waits for it (of `ids`, if given), batch by batch, until nothing does."""
    report = EnrichReport()
    while not context.stopping():
        with context.ledger.transaction("enrich.claim") as connection:
            leases = work.claim(
                connection, "enrich", now=context.clock(), limit=context.settings.enrich_batch, keys=ids
            )
            batch = articles.load(connection, [lease.key for lease in leases])
        if not leases:
            break
        report += _batch(context, leases, batch)
        context.progress(Progress("enrich", len(report.articles) + len(report.failed), None))
    return report


def waiting(context: Context) -> tuple[str, ...]:
    """Ids of the articles that wait to be enriched and are not given up, for those who share them out."""
    with context.ledger.read() as connection:
        given_up = {key for kind, key, _ in work.given_up(connection) if kind == "enrich"}
        return tuple(id for id in work.due_times(connection, "enrich") if id not in given_up)


def _batch(context: Context, leases: Sequence[Lease], batch: Mapping[str, Article]) -> EnrichReport:
    # The first publisher is to be the family's first member, whichever feed was read first.
    order = sorted(leases, key=lambda lease: _moment(batch[lease.key]))
    found, failed = annotate(context, [batch[lease.key] for lease in order])
    report = EnrichReport(failed=list(failed.items()))
    with context.ledger.transaction("enrich") as connection:
        lock_families(connection)
        kept = [lease for lease in order if _settle(connection, lease, failed)]
        for lease in kept:
            findings.save_annotation(connection, lease.key, batch[lease.key].revision, found[lease.key])
            enqueue_compose(context, connection, _place(context, connection, batch[lease.key]))
        done = findings.annotated(connection, [lease.key for lease in kept])
        matched = _follow_up(context, connection, done, report)
    report.articles = [lease.key for lease in kept]
    say_enriched(done)
    say_matched(matched, settings=context.settings)
    return report


def _settle(connection: Connection, lease: Lease, failed: Mapping[str, str]) -> bool:
    """Close one lease; whether its article is ours to write."""
    try:
        if reason := failed.get(lease.key):
            work.bury(connection, lease, reason=reason)
            return False
        return work.complete(connection, lease)
    except LeaseLost:
        return False


def annotate(context: Context, batch: Sequence[Article]) -> tuple[dict[str, Annotation], dict[str, str]]:
    """Annotations by article id, and for those that have none the reason. Raises ModelError."""
    annotator = context.annotator  # before the try: that it cannot be loaded is no article's fault
    size = context.settings.enrich_batch
    try:
        return _annotations(annotator, batch, size), {}
    except Exception:
        log.exception("a batch could not be annotated; now one by one", articles=len(batch))
    found: dict[str, Annotation] = {}
    failed: dict[str, str] = {}
    for each in batch:
        try:
            found |= _annotations(annotator, [each], size)
        except Exception as error:
            log.exception("article could not be annotated", article=each.id, feed=each.source)
            failed[each.id] = f"could not be annotated: {type(error).__name__}: {error}"
    return found, failed


def _annotations(annotator: Annotator, batch: Sequence[Article], size: int) -> dict[str, Annotation]:
    items = [TextItem(each.id, each.title, each.text, each.language) for each in batch]
    found = annotator.annotate(items, batch_size=size)
    return {item.id: annotation for item, annotation in zip(items, found, strict=True)}


def _place(context: Context, connection: Connection, article: Article) -> tuple[Notification, ...]:
    """Find the article's family. Once it has kin it stays; alone, a fuller text may show whose copy it is.

    Returns what waits to be sent and now stands under another family.
    """
    signature = families.signature(families.family_text(article.title, article.text))
    bands = families.bands(signature)
    before = findings.kinship(connection, article.id)
    if before and not (before.alone and before.family == article.id):
        if before.family == article.id:
            own = Membership(article.id, article.id, 1.0)
            findings.save_membership(connection, own, signature=signature, bands=bands)
        return ()
    near = findings.families_near(connection, bands, but=article.id)
    family, similarity = families.choose_family(signature, near) or (article.id, 1.0)
    found = Membership(article.id, family, similarity)
    findings.save_membership(connection, found, signature=signature, bands=bands)
    if not before or family == article.id:
        return ()
    note(context, connection, "family", [article.id])  # it is no more
    note(context, connection, "delivery", facts.messages_about(connection, article.id))
    return outbox.move_family(connection, article.id, family)


def _follow_up(
    context: Context, connection: Connection, done: Sequence[Annotated], report: EnrichReport
) -> tuple[Match, ...]:
    """What follows from annotations: index, pages, notifications. Returns the matches that are new."""
    now = context.clock()
    matched = matches(context, context.config.rules, done)
    news = note_alerts(connection, done, matched)
    enqueue_index(context, connection, done)
    _enqueue_pages(context, connection, done, {match.annotated.article.id for match in matched})
    found = alerts.notifications(matched, now=now)
    due = outbox.add(connection, found)
    report.notifications += len(due)
    report.backlog += sum(1 for each in found if each.backlog)
    enqueue_compose(context, connection, due)
    return tuple(match for match in matched if match.annotated.article.id in news)


def note_alerts(
    connection: Connection,
    batch: Sequence[Annotated],
    matched: Sequence[Match],
    *,
    asked: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Write down which rules match each article, of those `asked` or of all; the ids for which that is new."""
    names: dict[str, set[str]] = {each.article.id: set() for each in batch}
    if asked is not None:
        names = {each.article.id: set(each.alerts) - set(asked) for each in batch}
    for match in matched:
        names[match.annotated.article.id].add(match.rule.name)
    return findings.save_alerts(connection, {id: sorted(found) for id, found in names.items()})


def enqueue_index(context: Context, connection: Connection, changed: Sequence[Annotated]) -> None:
    """Also for a rebuild that began before this and does not know it."""
    now, ids = context.clock(), [each.article.id for each in changed]
    articles.touch(connection, ids, now=now)
    work.renew(connection, "index", ids, due=now)
    note(context, connection, "family", [each.membership.family for each in changed])


def enqueue_compose(context: Context, connection: Connection, due: Sequence[Notification]) -> None:
    """Have mails made of notifications: instant ones now, one mail per family; digests at their time of day."""
    now = context.clock()
    next_digest = digest_slot(at=context.settings.digest_at, now=now) + timedelta(days=1)
    for each in due:
        if each.when == "instant":
            work.add(connection, "compose", [(f"instant {each.recipient} {each.family}", 1)], due=now)
        else:
            work.add_missing(connection, "compose", [f"digest {each.recipient}"], due=next_digest)


def matches(context: Context, rules: Sequence[Rule], batch: Sequence[Annotated]) -> tuple[Match, ...]:
    """The rules that match articles of the batch."""
    queries = {rule.name: parse_query(rule.query) for rule in rules if rule.query}
    hits: Mapping[str, frozenset[str]] = {}
    if queries and batch:
        hits = match_queries(queries, documents(context, batch), now=context.clock())
    return alerts.match_rules(rules, batch, query_hits=hits, watchlist=context.config.watchlist)


def _enqueue_pages(
    context: Context, connection: Connection, done: Sequence[Annotated], matched: Collection[str]
) -> None:
    """Have the pages fetched that could change a decision or fill an alert; or none, or all, as the source says."""
    configured = {source.id: source for source in context.config.sources if not source.demo}
    wanted = []
    for each in done:
        source = configured.get(each.source.id)
        likely = each.annotation.candidate or each.article.id in matched
        if source and (source.pages == "always" or (source.pages == "auto" and likely)):
            wanted.append(each.article.id)
    pages = articles.lacking_page(connection, wanted)
    revisions = [(each.article.id, each.article.revision) for each in done if each.article.id in pages]
    work.add(connection, "page", revisions, due=context.clock())


def _moment(article: Article) -> tuple[datetime, str]:
    return article.published or article.first_seen, article.id
