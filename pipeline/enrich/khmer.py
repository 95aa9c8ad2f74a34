"""Names in Khmer texts, by the words that stand before them: honorifics, ministries, provinces.

Promises spans of one label, in order, each behind such a word: people after titles and honorifics ("លោក ចាន់ ថា"),
ministries and other bodies together with the word that says what they are, places without it ("ខេត្តកំពត" gives
កំពត), and countries and great cities anywhere. Words are khmer-nltk's. It expects text as `normalise` gives it, without
invisible characters. A name that no such word announces is left to `watchlist`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.ner import Found
from pipeline.enrich.places import cities, countries
from pipeline.text import segment

_HONORIFICS = re.compile(
    "(?:ព្រះករុណា ?)?ព្រះបាទ ?(?:សម្តេច|សម្ដេច)?(?:ព្រះ(?:បរមនាថ)?)? ?|"
    "(?:សម្តេច|សម្ដេច)(?:អគ្គមហាសេនាបតីតេជោ|មហាបវរធិបតី|បវរធិបតី|ធិបតី|តេជោ|ពិជ័យសេនា|ក្រឡាហោម|ចៅហ្វាវាំង|"
    "អគ្គមហាពញាចក្រី|អគ្គមហាធម្មពោធិសាល|វិបុលសេនាភក្តី|កិត្តិព្រឹទ្ធបណ្ឌិត|កិត្តិសង្គហបណ្ឌិត|ព្រះមហាក្សត្រី|ព្រះ)?|"
    "(?:លោក|ឯកឧត្តម|អ្នក)?(?:ឧកញ៉ា)|លោកជំទាវ|លោកស្រី|លោកគ្រូ|លោក|ឯកឧត្តម|អ្នកស្រី|អ្នកនាង|កញ្ញា|យុវជន|"
    "(?:នាយ)?ឧត្តមសេនីយ៍(?:ឯក|ទោ|ត្រី)?|វរសេនីយ៍(?:ឯក|ទោ|ត្រី)|សាស្ត្រាចារ្យ|វេជ្ជបណ្ឌិត|បណ្ឌិត"
)
# What may stand between an honorific and the name.
_ROLE = re.compile(
    "(?:ជំទាវ|ស្រី)?(?:បណ្ឌិតសភាចារ្យ|បណ្ឌិត|ឧកញ៉ា|(?:អតីត)?(?:ឧប)?នាយករដ្ឋមន្ត្រី|(?:អតីត)?ប្រធានាធិបតី|រដ្ឋមន្ត្រី|"
    "(?:នាយ)?ឧត្តមសេនីយ៍(?:ឯក|ទោ|ត្រី)?|សាស្ត្រាចារ្យ|វេជ្ជបណ្ឌិត|មេធាវី)(?![\u17b6-\u17d3])"
)
_LATIN = re.compile(r"[A-ZÀ-Ý][\w.'’-]+(?: (?:(?:de|van|von|bin|al) )?[A-ZÀ-Ý][\w.'’-]+){0,3}")
# Words of people, as apposition or subject: no part of a name. Verbs and function words are in COMMON.
_NOUNS = frozenset(
    "អតីត ប្រធាន អនុប្រធាន រដ្ឋមន្ត្រី អ្នកនាំពាក្យ នាយក អ្នក មន្ត្រី អាយុ ឆ្នាំ កសិករ ប្រជាពលរដ្ឋ សមាជិក តំណាង មេ មេឃុំ មេភូមិ "
    "ឯកអគ្គរដ្ឋទូត ឯកអគ្គរាជទូត អគ្គលេខាធិការ លេខាធិការ អភិបាល មេបញ្ជាការ ស្ថាបនិក ប្រជាជន តារា កីឡាករ ពលរដ្ឋ ភរិយា ស្វាមី កូន "
    "ឪពុក ម្តាយ ម្ដាយ បង ប្អូន ទាហាន នគរបាល ប៉ូលិស គ្រូ សិស្ស និស្សិត ក្រុមគ្រួសារ គ្រួសារ លោក លោកស្រី អ្នកស្រី កញ្ញា គណបក្ស "
    "រូបថត ការងារ ខាង ភាគ ខែ ថ្ងៃ ម្នាក់ នាក់ គាត់ ខ្ញុំ យើង គេ ពួក សេនាប្រមុខ អំណាច នយោបាយ ប្រឹក្សា សង្កាត់ ឃុំ ស្រុក ខេត្ត "
    "ក្រុង ដែល ចំនួន ណា មួយ មួយចំនួន រៀង កំណើត ខ្លួន ទីបី កសិកម្ម បុរស ស្ត្រី".split()
)
COMMON = Path(__file__).parent / "models" / "names-km" / "common.txt"

_MINISTRIES = (
    "ការបរទេស និងសហប្រតិបត្តិការអន្តរជាតិ|ការបរទេស|មហាផ្ទៃ|ការពារជាតិ|យុត្តិធម៌|សេដ្ឋកិច្ច និងហិរញ្ញវត្ថុ|ពាណិជ្ជកម្ម|សុខាភិបាល|"
    "ព័ត៌មាន|បរិស្ថាន|ទេសចរណ៍|ផែនការ|អប់រំ យុវជន និងកីឡា|អប់រំ|កសិកម្ម រុក្ខាប្រមាញ់ និងនេសាទ|កសិកម្ម|"
    "សាធារណការ និងដឹកជញ្ជូន|រ៉ែ និងថាមពល|ការងារ និងបណ្តុះបណ្តាលវិជ្ជាជីវៈ|ការងារ និងបណ្ដុះបណ្ដាលវិជ្ជាជីវៈ|ការងារ|"
    "ធនធានទឹក និងឧតុនិយម|អភិវឌ្ឍន៍ជនបទ|វប្បធម៌ និងវិចិត្រសិល្បៈ|វប្បធម៌|ធម្មការ និងសាសនា|កិច្ចការនារី|មុខងារសាធារណៈ|"
    "សង្គមកិច្ច អតីតយុទ្ធជន និងយុវនីតិសម្បទា|សង្គមកិច្ច|ប្រៃសណីយ៍ និងទូរគមនាគមន៍|អធិការកិច្ច|"
    "រៀបចំដែនដី នគរូបនីយកម្ម និងសំណង់|ឧស្សាហកម្ម វិទ្យាសាស្ត្រ បច្ចេកវិទ្យា និងនវានុវត្តន៍|ហិរញ្ញវត្ថុ"
)
_MINISTRY = re.compile("ក្រសួង(?:" + _MINISTRIES.replace(" និង", " ?និង ?") + ")")
_BODY = re.compile(
    "តុលាការកំពូល|ព្រឹទ្ធសភា|រដ្ឋសភា|ក្រុមប្រឹក្សាធម្មនុញ្ញ|គណៈកម្មាធិការជាតិរៀបចំការបោះឆ្នោត|កាកបាទក្រហមកម្ពុជា|"
    "រាជបណ្ឌិត្យសភាកម្ពុជា|ទីស្តីការគណៈរដ្ឋមន្ត្រី|អង្គការណាតូ|ហាម៉ាស|តាលីបង់|រ៉យទ័រ|"
    "(?:សាលាដំបូង|សាលាឧទ្ធរណ៍)(?:រាជធានី|ខេត្ត)(?:{places})"
)
_BODY_HEADS = frozenset("សាកលវិទ្យាល័យ វិទ្យាស្ថាន សមាគម គណបក្ស សហព័ន្ធ សម្ព័ន្ធ មូលនិធិ".split())
_PROVINCES = (
    "ភ្នំពេញ បន្ទាយមានជ័យ បាត់ដំបង កំពង់ចាម កំពង់ឆ្នាំង កំពង់ស្ពឺ កំពង់ធំ កំពត កណ្តាល កណ្ដាល កោះកុង ក្រចេះ មណ្ឌលគិរី ព្រះវិហារ "
    "ព្រៃវែង ពោធិ៍សាត់ រតនគិរី រតនៈគិរី សៀមរាប ព្រះសីហនុ ស្ទឹងត្រែង ស្វាយរៀង តាកែវ ឧត្តរមានជ័យ ឧត្ដរមានជ័យ កែប ប៉ៃលិន ត្បូងឃ្មុំ"
).split()
_AREAS = frozenset("ប្រទេស ខេត្ត រាជធានី ទីក្រុង ក្រុង ស្រុក ខណ្ឌ ឃុំ សង្កាត់ ភូមិ រដ្ឋ ទ្វីប".split())
_UNKNOWN_AREAS = _AREAS - {"ប្រទេស", "រដ្ឋ"}
_WATERS = frozenset("កោះ ទន្លេ សមុទ្រ ភ្នំ បឹង".split())  # the word belongs to the name
_STORMS = frozenset("ព្យុះ ព្យុះទីហ្វុង ព្យុះស៊ីក្លូន".split())
_ALONE = re.compile("[\u1780-\u17d3]{2,5}(?= )")  # a given name that is a common word as well
# Family names, of which many are common words as well.
_FAMILIES = (
    "ចាន់ ដា លន់ សម ហេង សុខ កែវ ចើម ឈុន ជា ម៉ៅ នួន ស៊ុន ហ៊ុន អ៊ុក អ៊ុំ ពៅ ឃឹម លី លឹម ឡុង អ៊ុង ប៉ែន ទេព ទូច ឌី វ៉ាន់ សំ ស សាន សៅ "
    "ស៊ឹម ស៊ីម ហង្ស ហោ ហួត ឡាយ ឯក ឱម អ៊ឹម អៀង យឹម យ៉ែម រស់ រឿន ម៉ម មាស មុំ មឿន ភាព ប្រាក់ ប៉ុល នេត នុត ធី ថោង តាំង តាន់ ឈិន ឈុំ ឆាយ "
    "ចេង ចម គង់ គឹម ឃុន ខៀវ កុយ កៅ កឹម អេង ជឿន ជឹម សេង សួន ស្រី"
).split()
_AFTER_PLACES = frozenset("និង នៃ បាន នៅ ត្រូវ ដែល ជា ដើម្បី ក្នុង ពី ទៅ ដោយ".split()) | _AREAS
_REST = re.compile("[\u1780-\u17d3]{1,3}(?![\u1780-\u17d3])")
_CHUNK = 16  # code points of one part of a person's name
_WORDS = 4  # and its words


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    words: tuple[tuple[int, int], ...]
    at: dict[int, int]  # where a word begins -> its number

    def word(self, number: int) -> str:
        return self.text[slice(*self.words[number])] if number < len(self.words) else ""

    def run(self, start: int, most: int) -> int:
        """Where the words that begin at `start` end: before a common word, a space, or after `most` words."""
        number, end = self.at.get(start, len(self.words)), start
        while most and number < len(self.words) and self.words[number][0] == end:
            if self.word(number) in _common() or not _khmer(self.word(number)):
                break
            end = self.words[number][1]
            number, most = number + 1, most - 1
        return end


class KhmerRecogniser:
    """Names by the words before them. It holds nothing."""

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """The names of each text, in the order of the texts."""
        return [tuple(_apart(_names(text), len(text))) if text else () for text in texts]


def _names(text: str) -> Iterator[Found]:
    words = segment(text, "km")
    reading = _Reading(text, words, {start: number for number, (start, _) in enumerate(words)})
    yield from _people(reading)
    for found in (*_MINISTRY.finditer(text), *_bodies().finditer(text)):
        if found.start() in reading.at:
            yield Found(*found.span(), "ORG")
    for number, (start, end) in enumerate(words):
        yield from _announced(reading, reading.word(number), start, end)
    for found in _known().finditer(text):
        if found.start() in reading.at and (
            found.end() in reading.at or not _khmer(text[found.end() : found.end() + 1])
        ):
            yield Found(*found.span(), "GPE")


def _apart(names: Iterable[Found], length: int) -> list[Found]:
    """In order of place; of overlapping names the longest, and of those as long the first."""
    taken, kept = bytearray(length), []
    for each in sorted(names, key=lambda name: name.start - name.end):
        if not any(taken[each.start : each.end]):
            taken[each.start : each.end] = b"\x01" * (each.end - each.start)
            kept.append(each)
    return sorted(kept, key=lambda name: name.start)


def _people(reading: _Reading) -> Iterator[Found]:
    for found in _HONORIFICS.finditer(reading.text):
        if found.start() not in reading.at:
            continue
        start = found.end()
        while role := _ROLE.match(reading.text, _spaced(reading.text, start)):
            start = role.end()
        name = _spaced(reading.text, start)
        if latin := _LATIN.match(reading.text, name):
            yield Found(*latin.span(), "PERSON")
        elif end := _person(reading, name, apart=name > start):
            yield Found(name, end, "PERSON")


def _person(reading: _Reading, start: int, *, apart: bool) -> int | None:
    """Where the person's name ends: a family name, a space and a given name; or one part with spaces around it."""
    text = reading.text
    family = reading.run(start, _WORDS)
    if known := next((name for name in _FAMILIES if text.startswith(f"{name} ", start)), ""):
        family = start + len(known)
    if family == start or family - start > _CHUNK:
        return None
    given = _given(reading, family + 1, known) if text[family : family + 1] == " " else family
    if family + 1 < given <= family + 1 + _CHUNK:
        return given
    return family if apart and family - start > 2 and not _khmer(text[family : family + 1]) else None


def _given(reading: _Reading, start: int, family: str) -> int:
    """Where the given name ends: `start` if there is none."""
    end = reading.run(start, _WORDS)
    if end > start:
        return _whole_chunk(reading.text, end)
    alone = _ALONE.match(reading.text, start)
    return alone.end() if alone and family else start


def _whole_chunk(text: str, end: int) -> int:
    """With a last syllable that is a common word as well: "សុវណ្ណថា"."""
    rest = _REST.match(text, end)
    return rest.end() if rest and text[end - 1 : end] != " " else end


def _announced(reading: _Reading, word: str, start: int, end: int) -> Iterator[Found]:
    """The name that the word at start:end announces."""
    if word in _AREAS:
        if stop := _area(reading, word, end):
            yield Found(end, stop, "LOC" if word == "ទ្វីប" else "GPE")
    elif word == "ជនជាតិ":
        if (stop := reading.run(end, 1)) > end:
            yield Found(start, stop, "NORP")
    elif word in _STORMS:
        if (stop := reading.run(end, 2)) > end + 1:
            yield Found(end, stop, "EVENT")
    elif word in _WATERS or word in _BODY_HEADS:
        stop = reading.run(end, 4 if word in _BODY_HEADS else 2)
        if stop > end + 1 and not _khmer(reading.text[stop : stop + 1]):
            yield Found(start, stop, "LOC" if word in _WATERS else "ORG")


def _area(reading: _Reading, word: str, start: int) -> int | None:
    """Where the place's name ends: a province's, or up to two words that nothing is written onto."""
    if known := next((name for name in _PROVINCES if reading.text.startswith(name, start)), ""):
        return start + len(known)
    end = reading.run(start, 2) if word in _UNKNOWN_AREAS else start
    if reading.text.startswith("ខែ", start):  # a month
        return None
    written_on = _khmer(reading.text[end : end + 1]) and reading.word(reading.at.get(end, 0)) not in _AFTER_PLACES
    return end if end > start + 1 and not written_on else None


def _spaced(text: str, at: int) -> int:
    return at + (text[at : at + 1] == " ")


def _khmer(word: str) -> bool:
    return bool(word) and "\u1780" <= word[0] <= "\u17d3"


@functools.cache
def _common() -> frozenset[str]:
    """Words no name begins with, and before which a name ends."""
    return _NOUNS.union(COMMON.read_text(encoding="utf-8").split())


@functools.cache
def _bodies() -> re.Pattern[str]:
    return re.compile(_BODY.pattern.replace("{places}", "|".join(_PROVINCES)))


@functools.cache
def _known() -> re.Pattern[str]:
    """Countries and cities, and countries as the press shortens them."""
    long = {name for name in countries("km") if len(name) > 3} | {name for name in cities("km") if len(name) > 4}
    names = {name for name in long if _khmer(name) and " " not in name}
    return re.compile("|".join(sorted(names | {"អាមេរិក", "អង់គ្លេស", "មីយ៉ាន់ម៉ា", "ភូមា"}, key=len, reverse=True)))
