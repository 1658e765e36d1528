"""Which passwords are accepted: long, not among the common ones, not one that was seen in a breach."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx

from biobank.access.passwords import MINIMUM_LENGTH
from biobank.errors import Invalid

# Answers the lines "<rest of the SHA-1>:<count>" for the first five digits of one; only those five leave the house.
Ranges = Callable[[str], str]

_LIST = Path(__file__).with_name("common_passwords.json")
_RUNS = ("0123456789" * 20, "abcdefghijklmnopqrstuvwxyz" * 8, "qwertyuiopasdfghjklzxcvbnm" * 8)
_AS_LETTERS = str.maketrans("013457@$!", "oleastasi")


@cache
def _common() -> frozenset[str]:
    """The 19,640 most common passwords (Royce Williams' list, as Django ships it)."""
    return frozenset(json.loads(_LIST.read_text()))


def _core(text: str) -> str:
    return text.strip("0123456789 !?.,;:-_*#+=()[]{}/\\'\"@$%&")


def _unit(text: str) -> str:
    """The shortest piece that, repeated, is the text."""
    return next(text[:size] for size in range(1, len(text) + 1) if text[:size] * (len(text) // size) == text)


def _disguises(password: str) -> Iterator[str]:
    """What a password is once its usual disguises are taken off: case, digits around it, 0 for o, repetition."""
    for text in {password.lower(), password.lower().translate(_AS_LETTERS)}:
        yield text
        yield _core(text)
        yield _unit(text)
        yield _core(_unit(_core(text) or text))


def is_common(password: str) -> bool:
    """Whether this is one of the common passwords, or one of them in a usual disguise."""
    found = set(_disguises(password))
    return not _common().isdisjoint(found) or any(map(_is_plain, found))


def _is_plain(text: str) -> bool:
    """Whether a text is a run of a few letters, or a piece of the alphabet, the digits or the keyboard."""
    return bool(text) and (len(set(text)) <= 2 or any(text in run or text in run[::-1] for run in _RUNS))


def was_breached(password: str, ranges: Ranges) -> bool:
    """Whether a breach held this password, by k-anonymity: the service learns five hexadecimal digits of its SHA-1."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    lines = (line.partition(":") for line in ranges(digest[:5]).splitlines())
    return any(rest.strip() == digest[5:] and count.strip() != "0" for rest, _, count in lines)


def ranges_at(url: str) -> Ranges:
    """The service at this address. One that does not answer within two seconds is passed over: the own list stands."""

    def ask(prefix: str) -> str:
        try:
            return httpx.get(f"{url.rstrip('/')}/{prefix}", headers={"Add-Padding": "true"}, timeout=2).text
        except httpx.HTTPError:
            return ""

    return ask


def require_good(password: str, *, username: str, ranges: Ranges | None = None) -> None:
    """Raise `Invalid` saying what to choose instead. Any characters are welcome, none are demanded (NIST 800-63B)."""
    if len(password) < MINIMUM_LENGTH:
        raise Invalid("A password needs at least 12 characters.")
    if len(password) > 200:
        raise Invalid("A password has at most 200 characters.")
    if len(username) >= 4 and username.lower() in password.lower():
        raise Invalid("A password must not hold the sign-in name. Choose another.")
    if is_common(password) or (ranges is not None and was_breached(password, ranges)):
        raise Invalid("This password is on a list of known ones. Choose another: four unrelated words will do.")
