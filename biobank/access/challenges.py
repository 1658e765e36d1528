"""Challenges for passkeys: random, signed, tied to what they are for, good for five minutes and one answer."""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa

from biobank import clock
from biobank.access.factor_models import SpentChallenge
from biobank.db import Tx, insert_ignore
from biobank.errors import NotSignedIn

SECONDS = 300
_RANDOM = 32


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\x00" + body, "sha256")


def make(key: bytes, purpose: str) -> str:
    """A challenge for one purpose (such as `sign-in` or `add:<staff id>`), as text for the page."""
    until = int(clock.now().timestamp()) + SECONDS
    body = secrets.token_bytes(_RANDOM) + until.to_bytes(8)
    return base64.urlsafe_b64encode(body + _mac(key, purpose, body)).decode()


def challenge_bytes(text: str) -> bytes:
    """What the authenticator signs."""
    try:
        return base64.urlsafe_b64decode(text)[: _RANDOM + 8]
    except ValueError:
        return b""


def _stale() -> NotSignedIn:
    return NotSignedIn("That took too long. Try again.", code="stale-challenge")


def spend(tx: Tx, key: bytes, purpose: str, text: str) -> bytes:
    """Use a challenge up and answer its bytes. Raises `NotSignedIn` if it is forged, too old or used before."""
    try:
        whole = base64.urlsafe_b64decode(text)
    except ValueError:
        raise _stale() from None
    body, mac = whole[: _RANDOM + 8], whole[_RANDOM + 8 :]
    if not hmac.compare_digest(_mac(key, purpose, body), mac):
        raise _stale()
    now, until = clock.now(), datetime.fromtimestamp(int.from_bytes(body[_RANDOM:]), UTC)
    tx.session.execute(sa.delete(SpentChallenge).where(SpentChallenge.expires_at < now))
    if now >= until or not insert_ignore(tx.session, SpentChallenge, challenge_hash=hashlib.sha256(body).hexdigest(),
                                         expires_at=until):  # fmt: skip
        raise _stale()
    return body
