"""Sealing of single values (AES-256-GCM, NIST SP 800-38D) and blind indexes over them (HMAC-SHA-256, FIPS 198-1)."""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import date
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class BrokenSeal(Exception):
    """A sealed value does not open here: another key, another row or column, or altered bytes."""


def _place(table: str, column: str, row: UUID) -> bytes:
    """Associated data that ties a value to its place, so that nobody can move it to another row or column."""
    return b"\x00".join([_VERSION, table.encode(), column.encode(), row.bytes])


def seal(key: bytes, text: str, *, table: str, column: str, row: UUID) -> bytes:
    """Version byte, 96-bit random nonce, ciphertext with its 128-bit tag. `key` has 32 bytes."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, text.encode(), _place(table, column, row))


def unseal(key: bytes, sealed: bytes, *, table: str, column: str, row: UUID) -> str:
    """The text again. Raises `BrokenSeal` if anything but the right key in the right place is used."""
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, _place(table, column, row)).decode()
    except (InvalidTag, ValueError) as problem:
        raise BrokenSeal(f"{table}.{column} does not open") from problem


def plain_name(name: str) -> str:
    """A name as it is compared: letters and digits only, without case or accents ("O'Núñez" is "onunez")."""
    split = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(letter for letter in split if letter.isalnum())
    return kept or name.casefold().strip()


def plain_phone(phone: str) -> str:
    """A phone number as it is compared: its digits, without the country code of the United States."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def blind_index(key: bytes, kind: str, value: str, born_on: date | None = None) -> bytes:
    """32 bytes that are equal for equal values; without the key they tell nothing and cannot be guessed at."""
    day = born_on.isoformat() if born_on else ""
    return hmac.new(key, f"{kind}\x00{value}\x00{day}".encode(), hashlib.sha256).digest()
