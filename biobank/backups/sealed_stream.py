"""A stream of any length, encrypted in chunks: no chunk can be changed, moved, left out or cut off unnoticed."""

import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.errors import Conflict

MAGIC = b"BBK1"
CHUNK_BYTES = 1024 * 1024
_PREFIX_BYTES = 8
_LENGTH_BYTES = 4


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def _place(*, is_last: bool) -> bytes:
    return MAGIC + (b"\x01" if is_last else b"\x00")


def chunks_of(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


def write(key: bytes, chunks: Iterable[bytes], target: BinaryIO) -> None:
    """AES-256-GCM per chunk in the STREAM construction (Hoang et al. 2015): number and last mark are authenticated."""
    cipher, prefix = AESGCM(key), secrets.token_bytes(_PREFIX_BYTES)
    target.write(MAGIC + prefix)
    number, waiting = 0, b""
    for chunk in chunks:
        if waiting:
            _put(target, cipher.encrypt(_nonce(prefix, number), waiting, _place(is_last=False)))
            number += 1
        waiting = chunk
    _put(target, cipher.encrypt(_nonce(prefix, number), waiting, _place(is_last=True)))


def _put(target: BinaryIO, body: bytes) -> None:
    target.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)


def read(key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The chunks again. Raises `Conflict` at the first that is not as it was written, or missing."""
    head = source.read(len(MAGIC) + _PREFIX_BYTES)
    if head[: len(MAGIC)] != MAGIC:
        raise _broken()
    cipher, prefix, number = AESGCM(key), head[len(MAGIC) :], 0
    body = _get(source)
    while body:
        following = _get(source)
        try:
            yield cipher.decrypt(_nonce(prefix, number), body, _place(is_last=not following))
        except (InvalidTag, ValueError) as problem:
            raise _broken() from problem
        number, body = number + 1, following
    if not number:
        raise _broken()


def _get(source: BinaryIO) -> bytes:
    length = int.from_bytes(source.read(_LENGTH_BYTES), "big")
    # Longer than any chunk we write, or than what is there: the length itself was altered.
    body = source.read(length) if length <= CHUNK_BYTES + 16 else b""
    if len(body) != length:
        raise _broken()
    return body


def _broken() -> Conflict:
    return Conflict("This backup is damaged, or was made with another key. Take another backup, or bring its keys.",
                    code="backup-damaged")  # fmt: skip
