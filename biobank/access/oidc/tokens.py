"""ID tokens: what makes one acceptable, decided without a network (OpenID Connect Core 1.0, section 3.1.3.7)."""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

# Asymmetric only: a symmetric algorithm would let the public key sign, and `none` anybody.
HASHES = {
    "RS256": hashlib.sha256, "PS256": hashlib.sha256, "ES256": hashlib.sha256,
    "RS384": hashlib.sha384, "PS384": hashlib.sha384, "ES384": hashlib.sha384,
}  # fmt: skip
LEEWAY_SECONDS = 60
_HEADER = frozenset({"alg", "kid", "typ", "x5t"})
_LONGEST = 255


class BadToken(Exception):
    """The token is not to be believed. Its one word says why, for the log."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the token must say: for whom, by whom, for which request, and when (seconds since 1970)."""

    issuer: str
    client: str
    nonce: str
    algorithms: frozenset[str]
    now: float
    access_token: str
    authenticated_since: float | None = None
    contexts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Claimed:
    """Who the service says this is, and how it knows (`acr` and `amr`, RFC 8176)."""

    subject: str
    ways: frozenset[str]


def header_of(token: str) -> Mapping[str, Any]:
    """The header, not yet believed: only to find the key. Raises `BadToken` for one that brings a key along."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as problem:
        raise BadToken("malformed") from problem
    if set(header) - _HEADER:
        # jwk, jku, x5c and x5u name a key of the sender's choice; crit asks for what we do not know.
        raise BadToken("header")
    return header


def read(token: str, keys: Mapping[str, Any], expected: Expected) -> Claimed:
    """Check the token against the service's published `keys` (RFC 7517) and what is expected. Raises `BadToken`."""
    header = header_of(token)
    allowed = expected.algorithms & set(HASHES)
    if header.get("alg") not in allowed:
        raise BadToken("algorithm")
    claims = _signed_claims(token, keys, header, allowed)
    _require_addressed(claims, expected)
    _require_timely(claims, expected)
    _require_bound(claims, str(header["alg"]), expected.access_token)
    return _claimed(claims, expected)


def _signed_claims(
    token: str, keys: Mapping[str, Any], header: Mapping[str, Any], allowed: Collection[str]
) -> Mapping[str, Any]:
    public = [key for key in keys.get("keys", ()) if key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"]
    if not public or (header.get("kid") is None and len(public) > 1):
        raise BadToken("key")
    try:
        found = KeySet.import_key_set({"keys": public}).get_by_kid(header.get("kid"))
        if not isinstance(found, (RSAKey, ECKey)):
            raise BadToken("key")
        return jwt.decode(token, found, algorithms=list(allowed)).claims
    except (JoseError, ValueError, TypeError) as problem:
        raise BadToken("signature") from problem


def _require_addressed(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.issuer:
        raise BadToken("issuer")
    # One of several audiences is not enough: the token must have been made for us (section 3.1.3.7, points 3 to 5).
    if expected.client not in meant or ((len(meant) > 1 or "azp" in claims) and claims.get("azp") != expected.client):
        raise BadToken("audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise BadToken("nonce")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadToken(name)
    return float(value)


def _require_timely(claims: Mapping[str, Any], expected: Expected) -> None:
    if _moment(claims, "exp") + LEEWAY_SECONDS <= expected.now:
        raise BadToken("expired")
    if _moment(claims, "iat") - LEEWAY_SECONDS > expected.now:
        raise BadToken("iat")
    if "nbf" in claims and _moment(claims, "nbf") - LEEWAY_SECONDS > expected.now:
        raise BadToken("nbf")
    since = expected.authenticated_since
    if since is not None and _moment(claims, "auth_time") + LEEWAY_SECONDS < since:
        raise BadToken("auth_time")


def hash_of(access_token: str, algorithm: str) -> str:
    """`at_hash`: the left half of the token's hash, by the hash of the signature (section 3.1.3.6)."""
    digest = HASHES[algorithm](access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _require_bound(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    if not hmac.compare_digest(str(claims.get("at_hash", "")).encode(), hash_of(access_token, algorithm).encode()):
        raise BadToken("at_hash")


def _claimed(claims: Mapping[str, Any], expected: Expected) -> Claimed:
    subject, context, ways = claims.get("sub"), claims.get("acr"), claims.get("amr", [])
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST:
        raise BadToken("sub")
    if expected.contexts and context not in expected.contexts:
        raise BadToken("acr")
    if not isinstance(ways, list) or not all(isinstance(way, str) for way in ways):
        raise BadToken("amr")
    return Claimed(subject, frozenset(ways) | ({context} if isinstance(context, str) else set()))
