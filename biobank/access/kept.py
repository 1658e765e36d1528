"""What somebody had typed when the session locked, or before they proved anew who they are: sealed, and given back."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = "kept"


@dataclass(frozen=True)
class Kept:
    """A form that was sent too late: where to, and its boxes."""

    path: str
    boxes: Sequence[tuple[str, str]]


def seal(key: bytes, session_id: UUID, kept: Kept) -> str:
    """The form as text for a hidden box: AES-256-GCM, for this session only, so that nobody else can read it."""
    nonce = secrets.token_bytes(12)
    body = json.dumps([kept.path, list(kept.boxes)]).encode()
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, body, session_id.bytes)).decode()


def unseal(key: bytes, session_id: UUID, text: str) -> Kept | None:
    """The form again; None if this is another session's or nothing of ours."""
    try:
        whole = base64.urlsafe_b64decode(text)
        path, boxes = json.loads(AESGCM(key).decrypt(whole[:12], whole[12:], session_id.bytes))
    except (InvalidTag, ValueError):
        return None
    return Kept(path, [(name, value) for name, value in boxes])
