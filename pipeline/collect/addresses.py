"""Which IP addresses belong to the public Internet, by our own table.

Promises: an address is called public only if a host of the public Internet can be there. `ipaddress.is_global` is
not that: on Python 3.11 it lets through NAT64 and 6to4 wrappings of private IPv4 addresses, IPv4-compatible and
site-local addresses and multicast. Does not resolve names and does not know what an operator allows (guard.py does).

Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), IANA IPv6 global unicast
allocations (RFC 4291: only 2000::/3 is in use), RFC 6052 and RFC 8215 (NAT64), RFC 9637 (documentation).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

NOT_PUBLIC_4: Final = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier's customers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's internal service"),  # Azure's, in public space but never of the Internet
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)

NOT_PUBLIC_6: Final = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("::ffff:0:0:0/96", "translated IPv4"),
        ("64:ff9b:1::/48", "a local NAT64"),
        ("100::/64", "discarded"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmarking"),
        ("2001:db8::/32", "documentation"),
        ("2001::/23", "reserved for protocols"),
        ("2002::/16", "6to4"),
        ("3ffe::/16", "the returned 6bone"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)

GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
# A packet to one of these ends at the IPv4 address in the last 32 bits, so that address decides.
EMBEDS_IPV4: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


def why_not_public(address: str) -> str | None:
    """Why the literal `address` is not of the public Internet, in words; None if it is.

    A scope ("fe80::1%eth0") is read and ignored. Text that is no IP address is not public either.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an IP address"
    return _why_not_4(parsed) if isinstance(parsed, IPv4Address) else _why_not_6(parsed)


def _why_not_4(address: IPv4Address) -> str | None:
    return next((why for network, why in NOT_PUBLIC_4 if address in network), None)


def _why_not_6(address: IPv6Address) -> str | None:
    bare = IPv6Address(int(address))  # a scoped address compares unequal to every network
    if any(bare in network for network in EMBEDS_IPV4):
        return _why_not_4(IPv4Address(int(bare) & 0xFFFF_FFFF))
    for network, why in NOT_PUBLIC_6:
        if bare in network:
            return why
    return None if bare in GLOBAL_UNICAST else "not allocated"
