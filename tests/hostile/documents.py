"""Documents that mean harm, or look as if they did, made on demand: each function gives the bytes of one.

None is stored as a file: the size of the harm stands in the code that makes it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Final

HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def rss(items: str, *, head: str = HEAD, attributes: str = "") -> bytes:
    """An RSS 2.0 feed around `items`."""
    text = f'{head}<rss version="2.0"{attributes}><channel><title>Feed</title>{items}</channel></rss>'
    return text.encode("utf-8", "surrogatepass")


def item(description: str = "words", *, title: str = "Title", link: str = "https://outlet.example/1") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>g1</guid><description>{description}</description></item>"
    )


def healthy() -> bytes:
    return rss(item())


def billion_laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>'
    return rss(item("&l9;"), head=HEAD + doctype)


def entity_bomb(size: int = 80_000) -> bytes:
    """One entity of half the size, used as often as the other half allows."""
    doctype = f'<!DOCTYPE feed [\n<!ENTITY a "{"x" * (size // 2)}">\n]>\n'
    return rss(item("&a;" * (size // 6)), head=HEAD + doctype)


def hidden_entity_bomb() -> bytes:
    """The declaration hides behind what a careless gate takes for the first element."""
    doctype = '<!DOCTYPE rss SYSTEM "<rss" [\n<!ENTITY a "' + "x" * 40_000 + '">\n]>\n'
    return rss(item("&a;" * 10_000), head=HEAD + doctype)


def entity_bomb_in_utf16() -> bytes:
    return entity_bomb().decode().replace("utf-8", "utf-16").encode("utf-16")


def entity_bomb_in_utf7() -> bytes:
    """Every "<" written as +ADw-, so that a gate on the bytes sees no markup at all."""
    body = entity_bomb().decode().removeprefix(HEAD).replace("<", "+ADw-")
    return b'<?xml version="1.0" encoding="utf-7"?>\n' + body.encode()


def late_entities() -> bytes:
    return rss(item("&a;")).replace(b"</rss>", b'</rss><!DOCTYPE x [<!ENTITY a "b">]>')


def leading_newlines(count: int = 40_000) -> bytes:
    return b"\n" * count + healthy()


def newlines_in_prolog(count: int = 80_000) -> bytes:
    return rss(item(), head=HEAD + "\n" * count)


def many_attributes(count: int = 20_000) -> bytes:
    return rss(item(), attributes="".join(f' a{n}="v"' for n in range(count)))


def many_attributes_with_brackets(count: int = 20_000) -> bytes:
    """A ">" in the first value, where a careless gate ends the tag."""
    return rss(item(), attributes=' x=">"' + "".join(f' a{n}="v"' for n in range(count)))


def many_namespaces(count: int = 20_000) -> bytes:
    return rss(item(), attributes="".join(f' xmlns:n{n}="urn:{n}"' for n in range(count)))


def surrogate_reference() -> bytes:
    return rss(item("before &#xD800; and &#55357;&#56832; after", title="Half &#xDC00; a pair"))


def surrogate_bytes() -> bytes:
    return rss(item("before \ud800 after", title="Half \udfff a pair"))


def surrogate_reference_in_html() -> bytes:
    return rss(item("&lt;p&gt;a &amp;#xD800; b&lt;/p&gt;", title="&lt;b&gt;x &amp;#xDC00; y&lt;/b&gt;"))


def impossible_references() -> bytes:
    return rss(item(f"&#0; &#x1; &#xFFFF; &#x110000; &#{'9' * 10_000}; end"))


def script_links() -> bytes:
    bodies = (
        '<a href="java&#10;script:alert(1)">one</a>',
        '<a href=" &#1;jAvAsCrIpT:alert(1)">two</a>',
        '<a href="data:text/html,<script>alert(1)</script>">three</a>',
        "<img src=x onerror=alert(1)><svg onload=alert(1)><script>alert(1)</script></svg>four",
        '<p style="background:url(javascript:alert(1))">five</p><iframe src="https://evil.example/"></iframe>',
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>six",
    )
    return rss("".join(item(f"<![CDATA[{body}]]>", link="java&#10;script:alert(2)") for body in bodies))


def nul_bytes() -> bytes:
    return rss(item("one\x00two\x07three", title="T\x00itle"))


def nested_elements(depth: int = 100_000) -> bytes:
    return rss("<a>" * depth + item())


def nested_html(depth: int = 100_000) -> bytes:
    return rss(item("&lt;div&gt;" * depth + "deep"))


def nested_xhtml(depth: int = 900) -> bytes:
    body = "<div>" * depth + "deep" + "</div>" * depth
    text = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">{body}</content></entry></feed>'
    return text.encode()


def huge_text(size: int = 9_000_000) -> bytes:
    return rss(item("word " * (size // 5)))


def many_items(count: int = 20_000) -> bytes:
    return rss("<item><title>t</title></item>" * count)


def unclosed_everything(count: int = 30_000) -> bytes:
    return rss('<item><title a="' * count)


def unclosed_sections(count: int = 50_000) -> bytes:
    return rss("<![CDATA[ <!-- " * count)


def ampersands(count: int = 500_000) -> bytes:
    return rss(item("&" * count + "<"))


def declared_wrongly() -> bytes:
    """GB 18030 that calls itself UTF-8."""
    return (
        rss(item(title="洪森会见王毅，柬中关系牢不可破", description="金边消息：两国外长举行会谈。" * 5))
        .decode()
        .encode("gb18030")
    )


def declared_unknown() -> bytes:
    return rss(item(title="Café à Phnom Penh"), head='<?xml version="1.0" encoding="x-nothing"?>')


def undeclared_latin() -> bytes:
    return rss(item(title="L'été à Phnom Penh"), head="").decode().encode("cp1252")


def truncated_gzip() -> bytes:
    return gzip.compress(huge_text(200_000))[:-40]


def cut_off() -> bytes:
    return rss(item() + item())[:-60]


REFUSED: Final[Mapping[str, Callable[[], bytes]]] = {
    "hostile_document": billion_laughs,
    "hostile_document: one entity": entity_bomb,
    "hostile_document: behind a quoted bracket": hidden_entity_bomb,
    "hostile_document: in UTF-16": entity_bomb_in_utf16,
    "hostile_document: after the root": late_entities,
    "hostile_document: leading newlines": leading_newlines,
    "hostile_document: newlines in the prolog": newlines_in_prolog,
    "hostile_document: attributes": many_attributes,
    "hostile_document: attributes behind a bracket": many_attributes_with_brackets,
    "hostile_document: namespaces": many_namespaces,
    "hostile_document: depth": nested_elements,
    "not_a_feed: UTF-7": entity_bomb_in_utf7,
    "not_a_feed: gzip": truncated_gzip,
}
MENDED: Final[tuple[Callable[[], bytes], ...]] = (
    surrogate_reference,
    surrogate_bytes,
    surrogate_reference_in_html,
    impossible_references,
    script_links,
    nul_bytes,
    nested_html,
    nested_xhtml,
    huge_text,
    many_items,
    declared_wrongly,
    declared_unknown,
    undeclared_latin,
    cut_off,
)
HEAVY: Final[tuple[Callable[[], bytes], ...]] = (unclosed_everything, unclosed_sections, ampersands)
