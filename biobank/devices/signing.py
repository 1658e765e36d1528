"""The station's Ed25519 key, and the headers that prove a request came from it."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.devices import private_files
from biobank.devices.private_files import KeyFileError


def make_key(path: Path) -> str:
    """Make a key file (PEM, mode 0400) and return the public key in base64; raises KeyFileError if it exists."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private_files.create(path, pem)
    return public_text(key)


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file; raises KeyFileError when it is missing, readable by others or no Ed25519 key."""
    content = private_files.read(path)
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} holds no Ed25519 key: make one with `biobank-station keygen`.")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The 32 bytes of the public key in base64, as the server registers a station."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def sign_request(key: Ed25519PrivateKey, method: str, path: str, timestamp: str, body: bytes) -> dict[str, str]:
    """Station-Time and Station-Signature: Ed25519 (RFC 8032) over method, path, time and the body's SHA-256.

    The four stand on lines of their own, the digest in lower-case hex; `timestamp` is RFC 3339 in UTC.
    """
    digest = hashlib.sha256(body).hexdigest()
    message = b"\n".join(part.encode("utf-8") for part in (method.upper(), path, timestamp, digest))
    return {"Station-Time": timestamp, "Station-Signature": base64.b64encode(key.sign(message)).decode("ascii")}


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
