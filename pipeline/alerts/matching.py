"""Alert rules against annotated articles, in memory.

Promises one Match for each pair of rule and article where every clause that the rule gives holds; within a clause
any value is enough, and each value that holds becomes a Reason with the words that made it hold. Queries are not
evaluated here: the caller hands in which articles each rule's query found. Nothing is remembered between batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alerts.query_words import query_spans
from pipeline.alerts.words import distinct, name_key
from pipeline.errors import QueryError
from pipeline.model import Annotated, Match, Mention, Reason, Rule, WatchEntity


@dataclass(frozen=True, slots=True)
class _Context:
    """What the clauses look at besides rule and article."""

    query_hits: Mapping[str, frozenset[str]]
    aliases: Mapping[str, frozenset[str]]  # folded name of the watch-list -> keys of that entity
    mentions: Mapping[str, tuple[Mention, ...]]  # of the article, by key


def match_rules(
    rules: Sequence[Rule],
    batch: Sequence[Annotated],
    *,
    query_hits: Mapping[str, frozenset[str]],
    watchlist: Sequence[WatchEntity] = (),
) -> tuple[Match, ...]:
    """Matches in order of `batch`, then of `rules`.

    `query_hits` holds, by rule name, the ids of the articles that the rule's query found; a rule with a query that
    is missing there raises QueryError. A rule without any clause matches nothing. With `watchlist`, a rule may name
    an entity by any alias in any script.
    """
    for rule in rules:
        if rule.query is not None and rule.name not in query_hits:
            raise QueryError(rule.query, f'the query of alert "{rule.name}" was not evaluated')
    aliases = _aliases(watchlist)
    matches = []
    for annotated in batch:
        context = _Context(query_hits, aliases, _by_key(annotated.annotation.mentions))
        for rule in rules:
            if (reasons := _reasons(rule, annotated, context)) is not None:
                matches.append(Match(rule, annotated, reasons))
    return tuple(matches)


def _reasons(rule: Rule, annotated: Annotated, context: _Context) -> tuple[Reason, ...] | None:
    """Why `rule` matches, or None: it does not, or it has no clause."""
    found: list[Reason] = []
    for given, clause in _CLAUSES:
        if not given(rule):
            continue
        held = clause(rule, annotated, context)
        if not held:
            return None
        found += held
    return tuple(found) or None


def _topics(rule: Rule, annotated: Annotated, context: _Context) -> list[Reason]:
    scores = {score.topic: score for score in annotated.annotation.topics if score.match}
    return [
        Reason("topic", name, distinct(span.text for span in scores[name].evidence))
        for name in rule.topics
        if name in scores
    ]


def _entities(rule: Rule, annotated: Annotated, context: _Context) -> list[Reason]:
    reasons = []
    for value in rule.entities:
        keys = {name_key(value), *context.aliases.get(name_key(value), ())}
        mentions = {mention.start: mention for key in keys for mention in context.mentions.get(key, ())}
        if mentions:
            reasons.append(Reason("entity", value, distinct(mentions[start].text for start in sorted(mentions))))
    return reasons


def _query(rule: Rule, annotated: Annotated, context: _Context) -> list[Reason]:
    hit = rule.query is not None and annotated.article.id in context.query_hits[rule.name]
    if not hit or rule.query is None:
        return []
    return [Reason("query", rule.query, distinct(span.text for span in query_spans(rule.query, annotated)))]


def _sources(rule: Rule, annotated: Annotated, context: _Context) -> list[Reason]:
    source = annotated.source
    return [Reason("source", source.id, (source.name,))] if source.id in rule.sources else []


def _languages(rule: Rule, annotated: Annotated, context: _Context) -> list[Reason]:
    language = annotated.annotation.language or annotated.article.language or ""
    spoken = {language.casefold(), language.casefold().split("-")[0]}
    return [Reason("language", value) for value in rule.languages if value.casefold() in spoken]


_CLAUSES: tuple[tuple[Callable[[Rule], object], Callable[[Rule, Annotated, _Context], list[Reason]]], ...] = (
    (lambda rule: rule.topics, _topics),
    (lambda rule: rule.entities, _entities),
    (lambda rule: rule.query, _query),
    (lambda rule: rule.sources, _sources),
    (lambda rule: rule.languages, _languages),
)


def _by_key(mentions: Iterable[Mention]) -> dict[str, tuple[Mention, ...]]:
    """Mentions by everything a rule may call them: canonical name, words in the text, Wikidata id."""
    found: dict[str, list[Mention]] = {}
    for mention in (mention for mention in mentions if not mention.namesake):
        for key in {name_key(mention.name), name_key(mention.text), name_key(mention.wikidata or "")} - {""}:
            found.setdefault(key, []).append(mention)
    # A mention of the same entity under another name counts too: the words shown are then all its names.
    names = {key: {name_key(mention.name) for mention in held} for key, held in found.items()}
    return {key: tuple(m for name in sorted(names[key]) for m in found.get(name, ())) for key in found}


def _aliases(watchlist: Iterable[WatchEntity]) -> dict[str, frozenset[str]]:
    keys: dict[str, set[str]] = {}
    for entity in watchlist:
        own = {name_key(entity.name), name_key(entity.wikidata or "")} - {""}
        for name in (entity.name, *entity.aliases):
            keys.setdefault(name_key(name), set()).update(own)
    return {name: frozenset(own) for name, own in keys.items()}
