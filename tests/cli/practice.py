"""A source of texts about the Mekong to practise on, and a topic that an operator would make of them."""

from __future__ import annotations

from seeds.make_practice import HERE

PRACTICE = f"""sources:
  - id: practice
    name: River Practice
    url: file:{HERE / "mekong.xml"}
    country: KH
    language: en
    kind: independent
    pages: never
    allow_private: true
"""
BY_OPTIONS = (
    *("--title", "Mekong River Commission"),
    *("--term", "en:Mekong River Commission", "--term", "en: MRC"),
    *("--pair", "en:Mekong/secretariat, member countries, prior consultation"),
    *("--context", "en:Vientiane", "--context", "en:dam", "--excluding", "en:Medical Research Council"),
    *("--term", "fr:Commission du Mékong", "--term", "zh:湄公河委员会", "--term", "zh:湄委会"),
    *("--term", "km:គណៈកម្មការទន្លេមេគង្គ"),
)
