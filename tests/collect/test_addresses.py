"""Which addresses are public: the table, and its relation to the standard library's."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.addresses import why_not_public

PUBLIC = ("8.8.8.8", "1.1.1.1", "103.253.0.1", "2606:4700::1111", "2001:4860:4860::8888", "64:ff9b::8.8.8.8")
REFUSED = {
    "0.0.0.0": "this network",
    "10.1.2.3": "private",
    "100.64.0.1": "shared by a carrier's customers",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "a cloud's internal service",
    "169.254.169.254": "link-local",
    "172.31.255.255": "private",
    "192.0.2.1": "documentation",
    "192.168.1.1": "private",
    "198.19.0.1": "benchmarking",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:a9fe:a9fe": "link-local",
    "::127.0.0.1": "IPv4-compatible",
    "::ffff:0:127.0.0.1": "translated IPv4",
    "64:ff9b::10.0.0.1": "private",
    "64:ff9b:1::1": "a local NAT64",
    "2002:7f00:1::": "6to4",
    "2001:0:53aa:64c::": "Teredo",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation",
    "fc00::1": "private",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "4000::1": "not allocated",
    "localhost": "not an IP address",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through(address: str) -> None:
    assert why_not_public(address) is None


@pytest.mark.parametrize(("address", "why"), REFUSED.items())
def test_special_addresses_are_refused_with_the_reason(address: str, why: str) -> None:
    assert why_not_public(address) == why


@given(st.ip_addresses())
def test_never_laxer_than_the_standard_library(address: IPv4Address | IPv6Address) -> None:
    if why_not_public(str(address)) is None and not str(address).startswith("64:ff9b::"):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_clothes_is_judged_as_itself(address: IPv4Address) -> None:
    mapped = ip_address(f"::ffff:{address}")
    assert why_not_public(str(mapped)) == why_not_public(f"64:ff9b::{address}") == why_not_public(str(address))
