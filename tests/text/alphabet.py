"""Characters that text handling must not stumble over, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

AWKWARD = (
    "aeE\u0301\u0323\u030a\u212b\u0345 \n\u00a0\u2000\u2001\u3000"  # accents, singletons, spaces NFC changes
    "\u200b\u200c\u200d\u00ad\ufeff\u202e\ufe0f\U000e0041\ud800\udfff"  # invisible, lone surrogates
    "\u1100\u1161\u11a8한각\u0bc6\u0bbe\u09c7\u09d7\u1025\u102e"  # letters that melt together
    "កម្ពុជា\u17b4២០១៩។ 中國国務院。"
    + "かナ漢Дйё ΆΣς İıßœﬁǅ ب\u200cي क्\u200dष 👩\u200d🚀 👍🏽\u2329\u0958ทั้งลาว𠮷丽'’-_.,1½Ⅷ²Ａ１"
)

characters = st.one_of(st.sampled_from(AWKWARD), st.characters())
texts = st.text(characters, max_size=40)
