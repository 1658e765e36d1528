"""Time-based one-time passwords (RFC 6238): six digits, thirty seconds, SHA-1, as every authenticator app has them."""

import base64
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1


def make_secret() -> bytes:
    """160 random bits, as RFC 4226 section 4 recommends."""
    return secrets.token_bytes(20)


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (seconds since 1970 divided by thirty)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).generate(step * STEP_SECONDS).decode()  # noqa: S303 - RFC 6238


def matching_step(secret: bytes, code: str, at: float) -> int | None:
    """The time step this code belongs to, one step early or late at most; None if to none of them.

    Every step of the window is compared in constant time, whichever matches.
    """
    now, found = int(at) // STEP_SECONDS, None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def spoken(secret: bytes) -> str:
    """The secret as people type it into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def address(secret: bytes, username: str, issuer: str) -> str:
    """The `otpauth://` address that an app reads from the picture (Key URI Format of Google Authenticator)."""
    label = quote(f"{issuer}:{username}")
    return f"otpauth://totp/{label}?secret={base64.b32encode(secret).decode()}&issuer={quote(issuer)}"
