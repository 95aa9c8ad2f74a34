"""Names in French texts: what spaCy's French recogniser finds, made into spans of our kinds.

Promises spans without article, role and title, on one line. spaCy's model knows people, bodies, places and "other";
which place, or which other name, goes by the common noun that a name begins with or follows: "mer de Chine
méridionale" is a LOC, "aéroport international d'Angkor" a FAC, the cyclone "Chido" an EVENT, "trois Chinois" are
NORP. A common word that only looks like a name because it opens a headline ("Pneus : ...") is none: the dictionary
of the model's own lemmatiser knows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.enrich.ner import Found
from pipeline.enrich.places import countries
from pipeline.model import Label

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_LABELS: dict[str, Label | None] = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE", "MISC": None}

_ARTICLE = re.compile(r"(?:[ld]['’]|(?:la|les?|des?|du|aux?|une?) )(?=\S)", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:(?:vice-|ex-|ancien(?:ne)? )?(?:premi(?:er|ère) ministre|ministre|présidente?|chanceli(?:er|ère)|roi|reine|"
    r"prince|princesse|pape|général|colonel|capitaine|secrétaire (?:d['’]état|générale?)|ambassad(?:eur|rice)|"
    r"porte-parole|procureure?|députée?|sénat(?:eur|rice)|maire|gouverneure?|direct(?:eur|rice)|cheffe?|professeure?|"
    r"chercheu(?:r|se)|avocate?|journaliste|juge|maître|monsieur|madame|docteur|samdech|oknha|dr|pr|mm?|mmes?|mlle)"
    r"\.?) ",
    re.IGNORECASE,
)
# Common nouns that belong to the name they stand before, with what may stand between the two.
_BODY = (
    "ministère|tribunal|cour|parquet|université|ambassade|banque|armée|sénat|assemblée|parlement|conseil|parti|union|"
    "comité|commission|fondation|organisation|association|fédération|syndicat|société|agence|institut|haut-commissariat|"
    "autorité|front|mouvement|ligue|hôpital|musée|école|secrétariat|chambre|confédération|alliance|garde|médecins|forces"
)
_WORK = (
    "aéroport|base|zone économique|stade|port|canal|pont|temple|place|gare|prison|palais|barrage|cathédrale|mosquée|"
    "basilique|centrale|camp|autoroute|hôtel|avenue|rue|tour"
)
_NATURE = (
    "mer|océan|golfe|détroit|lac|plateau|îles?|archipel|vallée|delta|désert|péninsule|monts?|baie|massif|forêt|fleuve|"
    "rivière|bassin|bande"
)
_HEADS: tuple[tuple[str, Label], ...] = ((_BODY, "ORG"), (_WORK, "FAC"), (_NATURE, "LOC"))
_OF = r"(?: (?!de |du |des )[a-zà-ÿ]{5,}){0,3}(?: d['’]| de l['’]| de la | de | du | des | (?=$))"
_BEFORE = tuple((re.compile(rf"(?<![\w-])(?:{words}){_OF}$"), label) for words, label in _HEADS)
_BEGINS = tuple((re.compile(rf"(?:{words})\b", re.IGNORECASE), label) for words, label in _HEADS)
_REGIONS = re.compile(
    r"Asie|Europe|Afrique|Amérique|Océanie|(?:Moyen|Proche|Extrême)-Orient|Sahel|Sahara|Mékong|Balkans|Caucase|Maghreb|"
    r"Indo-Pacifique|Pacifique|Atlantique|Méditerranée|A?[Nn]?t?arctique|Caraïbes|Alpes|Pyrénées|Himalaya|Cachemire|Golan|"
    r"Donbass|Rhin|Danube|Nil|(?:Asie|Afrique|Amérique|Europe) (?:du|de l['’]|centrale|latine).*"
)
_HAPPENING = re.compile(
    r"(?:\w+ )?(?:sommet|jeux|coupe|forum|festival|tour de|guerre|mondial|championnat|grand prix|exposition|"
    r"révolution)\b|G7|G20|COP ?\d+|Roland-Garros",
    re.IGNORECASE,
)
_NAMED_THING = re.compile(
    r"(?:(?:super-)?typhon|cyclone|ouragan|tempête(?: tropicale)?|exercices?|opération) $", re.IGNORECASE
)
_THING = re.compile(r"(?:(?:super-)?typhon|cyclone|ouragan|tempête(?: tropicale)?|exercice|opération) ", re.IGNORECASE)
_TITLE = re.compile(r"(?:secrétaire|ministre|chef|coup|conseiller|homme|affaires?) d['’]$", re.IGNORECASE)  # d'État
_GOVERNED = re.compile(r"(?:province|ville|région|village|district|commune|préfecture) (?:d['’]|de |du |des )$")
_AT = re.compile(r"(?:^|[\s(«])(?:à|en|depuis|vers) $", re.IGNORECASE)
_MANY = re.compile(
    r"(?:^|\s)(?:[ldc]es|aux|une?|deux|trois|quatre|cinq|dix|\w+(?:ante|ingts?)|cents?|mille|\d+|plusieurs|quelques|"
    r"nombreux) $",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\w+(?:iens?|iennes?|éens?|éennes?|oises?|ois|aises?|ais|aines?|ains?|ands?|ols|ques|istes|ans)")
_PEOPLES = re.compile(r"\w+(?:iens|iennes|éens|éennes|oises|aises)")  # no place ends so
_COUNTED = re.compile(
    r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|cinquante|soixante|cent|"
    r"mille)\b.* [a-zà-ÿ]+",
    re.IGNORECASE,
)
_HEADLINE = re.compile(r"(?:^|[\n.!?:;•«»]|[–—-])[\s\"«“(]*$")
_TOWNS = frozenset("Cannes Tours Vannes Limoges Lens Reims Troyes Bourges Nantes Rennes Paris".split())
_EDGE = " \t\"'’«»“”.,;:!?()-–—"
_LONGEST = 120
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Common words: `forms` of others (plurals, participles), and `nouns`."""

    forms: Container[str] = ()
    nouns: Container[str] = ()


def reader(nlp: Language) -> Callable[[Doc], Iterator[Found]]:
    """What makes names of the pipeline's entities."""
    dictionary = _dictionary(nlp)

    def read(doc: Doc) -> Iterator[Found]:
        done = 0
        for entity in doc.ents:
            found = _name(doc.text, entity.start_char, entity.end_char, entity.label_)
            if found and found.start >= done and _is_name(doc.text, found, dictionary):
                yield found
                done = found.end

    return read


def _name(text: str, start: int, end: int, tag: str) -> Found | None:
    start, end = _trimmed(text, start, end)
    if (thing := _THING.match(text, start, end)) and thing.end() < end:
        return Found(thing.end(), end, "EVENT")
    before, name = text[max(0, start - _LOOK_BACK) : start], text[start:end]
    if _NAMED_THING.search(before):
        return Found(start, end, "EVENT")
    if tag != "PER":
        for head, kind in _BEFORE:
            if grown := head.search(before):
                return Found(start - len(before) + grown.start(), end, kind)
    if name in countries("fr") or _GOVERNED.search(before):
        return Found(start, end, "GPE")
    if tag != "ORG" and _PEOPLE.fullmatch(name) and (_MANY.search(before) or _PEOPLES.fullmatch(name)):
        return Found(start, end, "NORP")
    if tag == "PER":
        return Found(start, end, "PERSON")
    if _TITLE.search(before):
        return None
    label = _kind(name, _LABELS.get(tag))
    doubted = label is None or (label == "ORG" and name.isalpha() and not name.isupper())
    label = "GPE" if doubted and _AT.search(before) else label
    return label and Found(start, end, label)


def _kind(name: str, label: Label | None) -> Label | None:
    """What the words say, or else what the model says."""
    if label != "ORG" and _HAPPENING.match(name):
        return "EVENT"
    if label != "ORG" and _REGIONS.fullmatch(name):
        return "LOC"
    begun = next((kind for head, kind in _BEGINS if head.match(name) and " " in name), None)
    return label if begun is None or (label == "ORG" and begun != "LOC") else begun


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    for opening in (_ARTICLE, _ROLE, _ROLE):
        if (found := opening.match(text, start, end)) and found.end() < end:
            start = found.end()
    return start, end


def _is_name(text: str, found: Found, dictionary: Dictionary) -> bool:
    name = text[found.start : found.end]
    if not 1 < len(name) <= _LONGEST or "\n" in name or not any(map(str.isupper, name)):
        return False
    if _COUNTED.fullmatch(name):
        return False
    if name[0].islower() and found.label not in ("FAC", "LOC", "EVENT") and not _BEGINS[0][0].match(name):
        return False
    opens = _HEADLINE.search(text[max(0, found.start - 12) : found.start])
    return not (opens and _is_common(name, text[found.end : found.end + 2], dictionary))


def _is_common(name: str, after: str, dictionary: Dictionary) -> bool:
    """A word that is a form of another ("pneus"), or a noun alone before a colon ("Budget :")."""
    if not name.isalpha() or name.isupper() or name in _TOWNS or name in countries("fr"):
        return False
    return name.lower() in dictionary.forms or (":" in after and name.lower() in dictionary.nouns)


def _dictionary(nlp: Language) -> Dictionary:
    """Of the package's lemmatiser, which is not loaded itself; empty if it has none."""
    from spacy.lookups import Lookups

    path = nlp.path and nlp.path / "lemmatizer" / "lookups"
    if not path or not path.is_dir():
        return Dictionary()
    tables = Lookups().from_disk(path)
    return Dictionary(tables.get_table("lemma_lookup", {}), tables.get_table("lemma_index", {}).get("noun", ()))
