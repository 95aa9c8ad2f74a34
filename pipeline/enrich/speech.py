"""How speech is told in English, French, Chinese and Khmer: verbs, subjects and what joins them, as patterns.

Promises patterns that take time in proportion to the text. They are read on a text whose names are written over by
PERSON and BODY and whose direct quotes by QUOTED, one sign for one, so that no pattern knows a name. They decide
nothing: see `quotes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PERSON, BODY, QUOTED = "\ue000", "\ue001", "\ue002"
_NAME = f"(?P<name>(?<![{PERSON}{BODY}])[{PERSON}{BODY}]++)"
_NO_ASIDE = r"(?<!\bwhich )(?<!\bwhat )(?<!\bwho )(?<!\bas )"  # "relations, which he said were good": nothing follows
_CLOSED = '[”"»’」』]?[ \u00a0]?[”"»’」』]?[,，]?[ \u00a0]?'


@dataclass(frozen=True, slots=True)
class Speech:
    """`verb`: speech at all. `before`: a speaker and a verb. `after`: the same, right after a quote. `reporting`: a
    speaker, a verb, and what stands before reported words. `closing`: speaker and verb at the end of a sentence."""

    verb: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    reporting: re.Pattern[str]
    closing: re.Pattern[str] | None = None


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


def _spaced(
    *, verb: str, plain: str, subject: str, between: str, that: str, stop: str, inverted: str, when: str, part: str
) -> Speech:
    """For languages that part words by spaces."""
    word = rf"(?!{stop}\b)[\w’'.-]{{1,30}}"
    before = rf"{subject}{between}{{0,3}} {verb}\b"
    first = rf"(?:{word},? ){{0,5}}?{before}"
    last = (
        rf"\b(?:{inverted}|{verb} (?:(?:(?!{part}\b){word},? ){{0,6}}?(?P<body>{BODY}++)"
        rf"|(?:{word},? ){{0,6}}?(?<!\b{part} )(?P<last>{PERSON}++)))"
    )
    return Speech(
        verb=re.compile(rf"(?<!\bbe )(?<!\bwas )(?<!\bwere )\b(?:{verb}|{inverted})\b"),
        before=re.compile(before),
        after=re.compile(rf"{_CLOSED}(?:{last}|{first})"),
        reporting=re.compile(rf"{_NO_ASIDE}{subject}{between}{{0,3}} (?:(?P<plain>{plain})|{verb}{that})"),
        closing=re.compile(rf", (?:{last}|{first})(?:{when}){{0,2}}$"),
    )


def _unspaced(*, verb: str, gap: str, subject: str, title: str, that: str) -> Speech:
    """For languages that do not."""
    before = rf"{subject}{gap}{verb}"
    return Speech(
        verb=re.compile(verb),
        before=re.compile(before),
        after=re.compile(rf"{_CLOSED}{title}{before}"),
        reporting=re.compile(rf"{before}{that}"),
    )


_APPOSITION = rf"(?:, [^,.;:\n{PERSON}{QUOTED}]{{1,80}},| \([^()\n]{{1,60}}\))?"

_EN_WHEN = (
    r",? (?:(?:late |early )?on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon|evening|night))?"
    r"|(?:in|at|during|to) (?:an? |the |his |her |its )?(?:news |press )?"
    r"(?:statement|speech|interview|conference|briefing|reporters|post|letter)"
    r"|yesterday|today|earlier|this week|last week)"
)
_EN_TOLD = r"(?:reporters|journalists|the press|the media|local media|lawmakers|parliament|[A-Z]\w{1,30})"
_EN_NOT_CLAUSE = (
    r"(?! (?:at|in|on|during|after|before|while|when|as|to|of|about|nothing|so|yes|no|goodbye|by|from|with|through)\b)"
)

ENGLISH = _spaced(
    verb=_any(
        "said says told tells added adds announced announces explained explains stressed stresses noted notes"
        " warned warns confirmed confirms emphasised emphasized claimed claims argued argues declared declares stated"
        " states insisted insists replied remarked reiterated acknowledged admitted denied predicted wrote writes"
        " tweeted asked"
    ),
    plain=(
        rf"(?:(?:said|says|added)(?:{_EN_WHEN}){{0,2}}(?:,? that\b|(?=[ ]){_EN_NOT_CLAUSE})"
        rf"|(?:told|tells) {_EN_TOLD}(?:{_EN_WHEN}){{0,2}}(?: that\b|(?=[ ]){_EN_NOT_CLAUSE}))"
    ),
    subject=rf"(?:{_NAME}{_APPOSITION}|\b(?:[Hh]e|[Ss]he|[Tt]hey))",
    between=r"(?: (?:has|have|had|also|later|then|again|earlier|meanwhile|further|was quoted as))",
    that=rf"(?:{_EN_WHEN}){{0,2}} that\b",
    stop=r"(?:who|whom|that|which|after|and|but|in|at|when|while|as|to|with|about|from|before|during|by|he|she|they)",
    inverted=r"(?:said|asked|replied|added) (?:he|she|they)",
    when=_EN_WHEN,
    part="of",
)

_FR_DONE = _any(
    "déclaré dit affirmé indiqué expliqué annoncé ajouté souligné précisé estimé assuré rappelé reconnu insisté prévenu"
    " averti confirmé répondu martelé lancé écrit promis regretté plaidé noté"
)
_FR_WORD = r"(?: (?!(?:une?|les?|la|des|du|cette|ce|son|sa|ses|leurs?)\b|l[’'])[\w’'-]{1,30})"

FRENCH = _spaced(
    verb=(
        rf"(?:(?:a|ont|avait|avaient)(?: (?:également|aussi|ensuite|encore|notamment|toutefois))? {_FR_DONE}"
        "|"
        + _any("déclare affirme indique explique annonce ajoute souligne précise estime assure rappelle prévient")
        + ")"
    ),
    plain="(?!)",
    subject=rf"(?:{_NAME}{_APPOSITION}|\b(?:[Ii]ls?|[Ee]lles?))",
    between=r"(?: (?:lui|leur|y|en|nous))",
    that=rf"{_FR_WORD}{{0,6}}?,? qu(?:e\b|[’'])",
    stop=r"(?:qui|que|quand|après|avant|et|mais|dans|lors|avec|pour|par|il|elle|ils|elles)",
    inverted=rf"(?:a-t-(?:il|elle|on)|ont-(?:ils|elles)) {_FR_DONE}",
    when=(
        r",? (?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: (?:matin|soir))?|hier|aujourd[’']hui"
        r"|à la presse|aux journalistes|dans un (?:communiqué|entretien|discours))"
    ),
    part="d[eu]",
)

CHINESE = _unspaced(
    verb=(
        r"(?:表示|指出|强调|強調|宣布|回应|回應|透露|说道|坦言|认为|認為|宣称|重申|告诉记者|呼吁|补充道"
        r"|(?<!小)[说說](?![明法服唱])|(?<![名号號职職宣])[称稱](?![号號赞讚为為呼]))"
    ),
    gap=rf"[^，。；：！？“”「」\n{PERSON}{BODY}{QUOTED}]{{0,25}}?",
    subject=rf"(?:{_NAME}|[他她]们?)",
    title=rf"[^，。；：！？“”「」\n{PERSON}{BODY}{QUOTED}]{{0,20}}?",
    that="[，,：:]?",
)

KHMER = _unspaced(
    verb="(?:ថ្លែង|និយាយ|បញ្ជាក់|ប្រសាសន៍|លើកឡើង|អះអាង|ប្រាប់|ប្រកាស|សង្កត់ធ្ងន់|បន្ថែម|កត់សម្គាល់|ឆ្លើយ)",
    gap=rf"(?:(?!លោក)[^។៖«»“”\n{PERSON}{BODY}{QUOTED}]){{0,60}}?",
    subject=rf"(?:{_NAME}|លោកស្រី|លោក|គាត់|សម្តេច|សម្ដេច|ឯកឧត្តម)",
    title=rf"[^។៖«»“”\n{PERSON}{BODY}{QUOTED}]{{0,30}}?",
    that=rf"[^។៖«»“”\n{QUOTED}]{{0,60}}?ថា(?!មពល)[៖:]?",
)

SPEECH: Mapping[str, Speech] = {"en": ENGLISH, "fr": FRENCH, "zh": CHINESE, "km": KHMER}
