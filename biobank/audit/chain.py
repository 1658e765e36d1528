"""Seals as pure values: what a row's digest is, what a seal covers, and how one seal holds the one before it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS = "0" * 64
ID_BYTES, PREFIX_BYTES = 16, 16
MEMBER_BYTES = ID_BYTES + PREFIX_BYTES

_quoted = json.encoder.encode_basestring
Cells = Sequence[str | int | None]


@dataclass(frozen=True, slots=True)
class Seal:
    """One batch of rows of one table, and the seal before it.

    `members` holds for each row its 16-byte key and the first 16 bytes of its digest, so that a changed row is named;
    `digest` is over the whole digests. A seal without rows begins an epoch and says why in `note`.
    """

    number: int
    epoch: int
    at: str
    table: str
    columns: str
    count: int
    low: str
    high: str
    members: bytes
    digest: str
    note: str
    previous: str
    key: str
    link: str = ""
    signature: bytes = b""

    def computed_link(self) -> str:
        """SHA-256 (FIPS 180-4) over everything in the seal but the link and the signature themselves."""
        body = asdict(replace(self, members=b"", signature=b"", link=""))
        body["members"] = hashlib.sha256(self.members).hexdigest()
        del body["link"], body["signature"]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def row_digest(cells: Cells) -> bytes:
    """SHA-256 over a row's cells as a JSON list: text as it is, whole numbers, null."""
    # A million rows are written: an encoder for any value would take twice as long over text, numbers and null.
    texts = [_quoted(cell) if isinstance(cell, str) else "null" if cell is None else str(cell) for cell in cells]
    return hashlib.sha256(f"[{','.join(texts)}]".encode()).digest()


def members_of(rows: Sequence[Cells]) -> tuple[bytes, str]:
    """The members and the digest of a batch; each row's first cell is its key as 32 hexadecimal digits."""
    members, whole = bytearray(), hashlib.sha256()
    for cells in rows:
        digest = row_digest(cells)
        members += bytes.fromhex(str(cells[0])) + digest[:PREFIX_BYTES]
        whole.update(digest)
    return bytes(members), whole.hexdigest()


def keys_in(members: bytes) -> list[bytes]:
    """The keys of the rows in a seal, in their order."""
    return [members[at : at + ID_BYTES] for at in range(0, len(members), MEMBER_BYTES)]


def key_text(key: bytes) -> str:
    return str(UUID(bytes=key))


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs seals (Ed25519, FIPS 186-5). Whoever has the public half can check them anywhere."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, secret: bytes) -> "Signer":
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def signed(self, seal: Seal) -> Seal:
        link = replace(seal, key=key_id(self.public)).computed_link()
        return replace(seal, key=key_id(self.public), link=link, signature=self.private.sign(link.encode()))

    def sign(self, body: dict[str, Any]) -> str:
        return self.private.sign(_text(body)).hex()


def key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def _text(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def is_signed(public: bytes, message: bytes | dict[str, Any], signature: bytes) -> bool:
    try:
        text = _text(message) if isinstance(message, dict) else message
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True
