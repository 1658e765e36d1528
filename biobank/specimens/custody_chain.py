"""One exact byte form of a custody event, and the hash that ties it to the tube's event before it.

The form is RFC 8785 (JSON canonicalization) for the values allowed here: text, whole numbers, true, false, null,
lists and tables with ASCII names. Floats are refused, so two programs never differ over a last digit.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

Value: TypeAlias = "bool | int | str | datetime | list[Value] | tuple[Value, ...] | Mapping[str, Value] | None"

# The link before a tube's first event.
GENESIS = bytes(32)
# Sets a link apart from the leaves (0x00) and nodes (0x01) of the log's tree.
_LINK = b"\x02"
_LARGEST = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_AS_IT_IS = frozenset({str, bool, type(None)})


class NotCanonical(ValueError):
    """A value that has no single byte form: a float, a naive time, a name outside ASCII, a huge number."""


def canonical(event: Mapping[str, Value]) -> bytes:
    """The event's bytes: sorted names, no spaces, UTF-8, times in UTC to the microsecond.

    Raises NotCanonical for a value that has no single form.
    """
    text = _ENCODER.encode(_plain(event))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("The event holds half a character (a lone surrogate). Send whole text.") from error


def link(prev_hash: bytes, event: Mapping[str, Value]) -> bytes:
    """SHA-256 over the hash of the tube's event before (GENESIS for the first) and this event's bytes.

    Raises NotCanonical for an event without one byte form, or a previous hash that is not 32 bytes.
    """
    if len(prev_hash) != len(GENESIS):
        raise NotCanonical("The previous hash must be 32 bytes; the first event of a tube takes GENESIS.")
    return hashlib.sha256(_LINK + prev_hash + canonical(event)).digest()


def _plain(value: Value) -> object:
    # Text and whole numbers first: a log of ten million events is checked by this, nearly all of it such.
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict | Mapping):
        return {_name(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    raise NotCanonical(f"A {type(value).__name__} has no exact form. Send text, whole numbers, true, false or null.")


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.isascii():
        raise NotCanonical("Names in an event are ASCII text.")
    return name


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise NotCanonical("A time without its zone is not an instant. Give it in UTC.")
    return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _whole(value: int) -> int:
    if abs(value) > _LARGEST:
        raise NotCanonical("A whole number beyond 2^53 is not the same everywhere. Send it as text.")
    return int(value)
