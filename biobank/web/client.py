"""From where a request comes: its address and country, as far as our own proxies vouch for them."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from flask import request

from biobank.config import Settings

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR notation between commas. Raises `ValueError` for what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_within(address: str, among: Collection[Network]) -> bool:
    """Whether an address lies in one of the networks; an IPv4 address written as IPv6 is that IPv4 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in among)


def address_of(peer: str, forwarded: str, trusted: Collection[Network]) -> str:
    """The client's address: the nearest hop in `X-Forwarded-For` that is not one of our proxies.

    What stands further left was written by whoever asked; what a peer that is no proxy of ours sends is not read.
    """
    address, hops = peer, [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and is_within(address, trusted):
        address = hops.pop()
    return address


def client_address(settings: Settings) -> str:
    """The address of this request."""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return address_of(request.remote_addr or "", forwarded, networks(settings.trusted_proxies))


def client_country(settings: Settings) -> str:
    """The country (ISO 3166 code) that our own proxy names; empty where none does, or somebody else says so."""
    if not settings.country_header or not is_within(request.remote_addr or "", networks(settings.trusted_proxies)):
        return ""
    given = request.headers.getlist(settings.country_header)
    return given[0].strip().upper() if len(given) == 1 else ""
