"""One score per topic with the words that decided: on the seed, on demonstration texts, on held-out gold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.config import load_config
from pipeline.enrich.signals import FEATURES
from pipeline.enrich.topicfit import LOWERING, fit
from pipeline.enrich.topicmodel import FOLDER
from pipeline.enrich.topics import ANY_TOPIC, COMBINATION, TopicClassifier, load_weights
from pipeline.enrich.topictraining import Example, train
from pipeline.errors import ModelError
from pipeline.model import Topic, TopicPatterns, TopicScore
from pipeline.settings import ROOT
from training.evaluate_topics import judge, measure
from training.topics_data import LANGUAGES, gold

TOPICS = load_config(ROOT / "config").topics
CLASSIFIER = TopicClassifier.load(TOPICS)
SEED = (ROOT / "seeds" / "000_cc05a888fb15b622.txt").read_text(encoding="utf-8")
BOTH, TIES, ASEM, NONE = {"cambodia_china", "asem"}, {"cambodia_china"}, {"asem"}, set[str]()

DEMONSTRATION = {
    "kd-20190611-04": NONE,  # rice exports, "(Xinhua)"
    "kd-20190612-02": NONE,  # dolphins
    "kd-20190614-07": TIES,  # expressway by China Road and Bridge Corporation
    "tag:asia-europe-monitor.example,2019-12-17:som": ASEM,
    "tag:asia-europe-monitor.example,2019-04-02:asem-automation": NONE,  # ASEM S.p.A.
    "tag:asia-europe-monitor.example,2020-09-04:postponed": ASEM,
    "tag:asia-europe-monitor.example,2019-05-21:rail": NONE,
    "https://revue-du-mekong.example/2020/02/sommet-asem": ASEM,
    "https://revue-du-mekong.example/2020/10/libre-echange": TIES,
    "https://revue-du-mekong.example/2020/01/soupe": NONE,  # noodles from China
    "https://revue-du-mekong.example/2020/03/ecoles": NONE,
    "mr-20200219-3": ASEM,
    "mr-20191105-2": TIES,
    "mr-20191112-5": NONE,  # 新华社 by-line
    "mr-20191118-6": NONE,  # elephants in Yunnan
    "sm-20200220-2": ASEM,
    "sm-20191106-1": TIES,
    "sm-20191110-2": NONE,
    "sm-20191114-3": NONE,
    "wm-1103": BOTH,
}


def demonstration() -> dict[str, tuple[str, str, str]]:
    feeds = YAML(typ="safe").load((ROOT / "seeds" / "items.yml").read_text(encoding="utf-8"))
    return {
        item["id"]: (item["title"], item["text"], feed["language"])
        for feed in feeds
        for item in feed["items"]
        if "text" in item
    }


def classify(title: str, text: str, language: str | None = "en") -> tuple[TopicScore, ...]:
    return CLASSIFIER.classify([(title, text, language)])[0]


def matches(title: str, text: str, language: str | None = "en") -> set[str]:
    return {score.topic for score in classify(title, text, language) if score.match}


def test_the_seed_document_is_about_both_topics_and_says_why() -> None:
    ties, asem = classify("", SEED)
    assert (ties.topic, ties.match, asem.topic, asem.match) == ("cambodia_china", True, "asem", True)
    assert {"Cambodia and China", "Li Keqiang"} <= {span.text for span in ties.evidence}
    assert {span.text for span in asem.evidence} == {"Asem", "Asem Summit"}


@pytest.mark.parametrize("name", DEMONSTRATION)
def test_demonstration_texts(name: str) -> None:
    assert matches(*demonstration()[name]) == DEMONSTRATION[name]


def test_beijing_talks_are_about_relations_in_chinese_and_khmer() -> None:
    texts = demonstration()
    assert "cambodia_china" in matches(*texts["mr-20190608-1"])
    assert "cambodia_china" in matches(*texts["sm-20190608-1"])


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("Cambodia-China ties ‘stronger than ever’, says Sokhonn", "en", TIES),
        ("Hun Manet meets Xi Jinping in Beijing", "en", TIES),
        ("Le Cambodge et la Chine signent leur accord de libre-échange", "fr", TIES),
        ("王毅同柬埔寨副首相兼外交大臣布拉索昆举行会谈", "zh", TIES),
        ("លោក ប្រាក់ សុខុន និងលោក វ៉ាង យី ជួបពិភាក្សាគ្នានៅទីក្រុងប៉េកាំង", "km", TIES),
        ("Leaders gather for Asia-Europe Meeting", "en", ASEM),
        ("亚欧首脑会议在米兰开幕", "zh", ASEM),
        ("Cambodia’s milled rice exports edge up", "en", NONE),
        ("China's economy slows", "en", NONE),
        ("", "en", NONE),
    ],
)
def test_titles_alone(title: str, language: str, expected: set[str]) -> None:
    assert matches(title, "", language) == expected


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Manufacturers elect chair",
            "The Association of Southern European Manufacturers (ASEM) elected Maria Rossi. ASEM has 300 members.",
        ),
        (
            "Researchers publish ASEM code",
            "The Atomistic Spin-Environment Model (ASEM) helps physicists. ASEM is free.",
        ),
        ("La réforme", "L'Association suisse des étudiants en médecine (ASEM) la demande. L'ASEM a 5000 membres."),
        ("More funds", "ASEM (the Academy of State Emergency Managers) called for more funds. ASEM met in Denver."),
    ],
)
def test_an_acronym_that_the_text_spells_out_as_another_body_is_not_ours(title: str, text: str) -> None:
    assert matches(title, text) == NONE


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Tariffs hit Asia", "Washington puts tariffs on 60 countries, among them Cambodia, Vietnam and China."),
        ("Trump tariffs: 49 % on Cambodia, 34 % on China", ""),
        (
            "Kem Sokha jailed",
            "The opposition leader got 27 years in Phnom Penh. The US and the EU criticised the verdict; China's "
            "foreign ministry did not comment.",
        ),
        (
            "Cambodia lose to China in World Cup qualifier",
            "China beat Cambodia 3-0 in Phnom Penh on Thursday, with two goals by Wu Lei.",
        ),
        (
            "Last bowl",
            "A noodle shop in Phnom Penh's Chinese quarter closes after sixty years. Its founder came from China.",
        ),
        ("Flat for rent", "The house is next to ASEM Villas in Phnom Penh, with three bedrooms."),
        ("ASEM opens showroom in Ulm", ""),
    ],
)
def test_lists_sport_colour_and_namesakes_are_about_neither_topic(title: str, text: str) -> None:
    assert matches(title, text) == NONE


def test_a_list_beside_what_the_two_do_together_is_about_them() -> None:
    text = "Vietnam, Laos and China sent envoys. China promised Cambodia a loan for the railway to Poipet."
    assert matches("Envoys in Phnom Penh", text) == TIES


def test_the_language_need_not_be_known() -> None:
    assert matches("中柬自贸协定签署", "", None) == TIES


@pytest.mark.parametrize(("topic", "floor"), [("cambodia_china", 0.90), ("asem", 0.90)])
def test_held_out_gold_stays_above_the_floor(topic: str, floor: float) -> None:
    judged = [one for one in judge(CLASSIFIER, gold("test")) if one.score.topic == topic]
    assert measure(judged).f1 >= floor
    for language in LANGUAGES:
        assert measure([one for one in judged if one.example.language == language]).f1 >= floor - 0.10


def test_no_story_is_both_trained_on_and_tested() -> None:
    train_titles = {one.title for one in gold("train")}
    assert train_titles.isdisjoint(one.title for one in gold("test"))


def test_a_topic_the_model_never_saw_works_by_its_patterns() -> None:
    dolphins = Topic(
        "dolphins", "Dolphins", 0.5, 0.1, {"en": TopicPatterns(terms=("Irrawaddy dolphin", "dolphin calves"))}
    )
    classifier = TopicClassifier.load([*TOPICS, dolphins])
    texts = demonstration()
    calves, rice = texts["kd-20190612-02"], texts["kd-20190611-04"]
    scores = [row[2] for row in classifier.classify([calves, rice])]
    assert [(score.topic, score.match) for score in scores] == [("dolphins", True), ("dolphins", False)]
    assert [span.text for span in scores[0].evidence] == ["dolphin calves"]


def test_topics_are_scored_in_the_order_given() -> None:
    classifier = TopicClassifier.load(list(reversed(TOPICS)))
    assert [score.topic for score in classifier.classify([("", SEED, "en")])[0]] == ["asem", "cambodia_china"]
    assert TopicClassifier.load([]).classify([("a", "b", "en")]) == [()]
    assert CLASSIFIER.classify([]) == []


def test_a_batch_gives_what_single_texts_give() -> None:
    texts = list(demonstration().values())
    assert CLASSIFIER.classify(texts) == [classify(*text) for text in texts]


def test_a_page_is_worth_fetching_when_the_topic_is_near() -> None:
    near = classify("Chinese firm opens factory", "The plant in Kandal will employ 900.")
    far = classify("Night buses for Lyon", "")
    assert CLASSIFIER.candidate(near)
    assert not CLASSIFIER.candidate(far)


def test_offsets_are_those_of_the_raw_text() -> None:
    title, text = "កិច្ចប្រជុំ\u200bអាស៊ី-អឺរ៉ុប", "Cafe\u0301 \ufeffASEM sum\u00admit of Asia and Europe leaders"
    raw = f"{title}\n{text}"
    spans = [span for score in classify(title, text, "km") for span in score.evidence]
    assert [span.text for span in spans] == ["កិច្ចប្រជុំ\u200bអាស៊ី-អឺរ៉ុប", "ASEM sum\u00admit"]
    assert all(raw[span.start : span.end] == span.text for span in spans)


PIECES = [
    "Cambodia",
    "China",
    "ASEM",
    "柬埔寨",
    "中国",
    "ចិន",
    "កម្ពុជា",
    "\u200b",
    "e\u0301",
    " ",
    ". ",
    "\n",
    "(Xinhua)",
    "\ud800",
]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12), st.text(max_size=20))
def test_whatever_the_text_scores_are_bounded_and_matches_have_evidence(parts: list[str], title: str) -> None:
    text = "".join(parts)
    raw = f"{title}\n{text}"
    for score in classify(title, text, None):
        assert 0 <= score.score <= 1
        assert not score.match or score.evidence
        assert all(raw[span.start : span.end] == span.text for span in score.evidence)


@pytest.mark.parametrize(
    ("title", "text"),
    [("MRC meets", ""), ("River levels fall", "The MRC expects little rain."), ("Low flows, says MRC", "It is dry.")],
)
def test_a_term_is_enough_for_a_topic_of_words_alone(title: str, text: str) -> None:
    river = Topic("mekong", "Mekong", 0.5, 0.12, {"en": TopicPatterns(terms=("MRC",))})
    ((score,),) = TopicClassifier.load((river,)).classify([(title, text, "en")])
    assert score.match, score


def test_a_very_long_text_is_read() -> None:
    lead = "Cambodia and China signed a trade agreement in Phnom Penh. "
    assert matches("Cambodia-China ties", lead + "The minister spoke of rice. " * 50_000) == TIES
    assert matches("Night buses", "The city runs six lines. " * 2_000 + lead) == NONE


def test_missing_or_foreign_weights_are_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        TopicClassifier.load(TOPICS, folder=tmp_path / "none")
    copy = tmp_path / "copy"
    shutil.copytree(FOLDER, copy)
    stored = json.loads((copy / COMBINATION).read_text(encoding="utf-8"))
    del stored["asem"]["features"]["terms"]
    (copy / COMBINATION).write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(ModelError, match=COMBINATION):
        TopicClassifier.load(TOPICS, folder=copy)


def test_shipped_weights_have_the_right_signs_and_size() -> None:
    weights = load_weights()
    assert set(weights) == {"cambodia_china", "asem", ANY_TOPIC}
    for row in weights.values():
        assert row.model >= 0
        signs = zip(FEATURES, row.features, strict=True)
        assert all(value <= 0 if name in LOWERING else value >= 0 for name, value in signs)
    assert max(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 5 * 1024 * 1024
    assert "CC BY-SA" in json.loads((FOLDER / "meta.json").read_text(encoding="utf-8"))["license"]


def test_the_fit_separates_and_keeps_its_signs() -> None:
    at = FEATURES.index("terms")
    rows = [tuple(float(number == at and hit) for number in range(len(FEATURES))) for hit in (0, 1) * 20]
    weights = fit(rows, [bool(row[at]) for row in rows], [1.0] * 40, model=False)
    assert weights.score(rows[0], 0.5) < 0.5 < weights.score(rows[1], 0.5)
    contrary = fit(rows, [not row[at] for row in rows], [1.0] * 40, model=False)
    assert contrary.features[at] == 0


def test_training_twice_gives_the_same_model() -> None:
    examples = [Example(str(n), "en", "", "", frozenset({"asem"}) if n % 2 else frozenset()) for n in range(20)]
    tokens = [["summit" if n % 2 else "football", str(n)] for n in range(20)]
    one, other = (train(examples, tokens, ["asem"]).to_bytes(exclude=["tokenizer"]) for _ in range(2))
    assert one == other
