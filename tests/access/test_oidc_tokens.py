"""ID tokens that must not be believed: each is refused for its own reason."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from biobank.access.oidc import tokens
from biobank.access.oidc.tokens import BadToken, Expected
from tests.access.sign_in_service import key, signed

NOW = 1_800_000_000
EXPECTED = Expected(issuer="https://id.example.gov", client="biobank", nonce="n-1", now=NOW, access_token="a-1",
                    algorithms=frozenset({"RS256", "ES256"}))  # fmt: skip
GOOD: dict[str, Any] = {
    "iss": EXPECTED.issuer, "aud": "biobank", "sub": "c0ffee", "nonce": "n-1", "iat": NOW, "exp": NOW + 300,
    "auth_time": NOW, "amr": ["sc"], "acr": "aal3", "at_hash": tokens.hash_of("a-1", "RS256"),
}  # fmt: skip
KEYS = {"keys": [key().as_dict(private=False)]}


def _without(name: str) -> dict[str, Any]:
    return {key_: value for key_, value in GOOD.items() if key_ != name}


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_says_who_and_how() -> None:
    claimed = tokens.read(signed(GOOD), KEYS, EXPECTED)
    assert claimed.subject == "c0ffee"
    assert claimed.ways == {"sc", "aal3"}


@pytest.mark.parametrize(("changed", "why"), [
    ({"iss": "https://evil.example"}, "issuer"), ({"iss": "https://id.example.gov/"}, "issuer"),
    ({"aud": "another"}, "audience"), ({"aud": ["biobank", "another"]}, "audience"),
    ({"aud": ["another"], "azp": "biobank"}, "audience"), ({"azp": "another"}, "audience"),
    ({"nonce": "n-2"}, "nonce"), ({"nonce": None}, "nonce"),
    ({"exp": NOW - 61}, "expired"), ({"exp": "soon"}, "exp"), ({"exp": True}, "exp"),
    ({"iat": NOW + 61}, "iat"), ({"nbf": NOW + 61}, "nbf"),
    ({"at_hash": tokens.hash_of("a-2", "RS256")}, "at_hash"), ({"at_hash": ""}, "at_hash"),
    ({"sub": ""}, "sub"), ({"sub": 7}, "sub"), ({"sub": "x" * 256}, "sub"), ({"amr": "sc"}, "amr"),
])  # fmt: skip
def test_a_claim_that_is_wrong_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(BadToken, match=f"^{why}$"):
        tokens.read(signed(GOOD | changed), KEYS, EXPECTED)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "nonce", "iat", "exp", "at_hash"])
def test_a_claim_that_is_missing_is_refused(name: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(signed(_without(name)), KEYS, EXPECTED)


def test_no_signature_is_refused() -> None:
    with pytest.raises(BadToken, match="algorithm"):
        tokens.read(f"{_part({'alg': 'none'})}.{_part(GOOD)}.", KEYS, EXPECTED)


def test_the_public_key_used_as_a_secret_is_refused() -> None:
    body = f"{_part({'alg': 'HS256', 'kid': 'main'})}.{_part(GOOD)}"
    mac = hmac.digest(key().as_pem(private=False), body.encode(), hashlib.sha256)
    forged = f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    for algorithms in ({"RS256"}, {"RS256", "HS256"}):
        with pytest.raises(BadToken, match="algorithm"):
            tokens.read(forged, KEYS, replace(EXPECTED, algorithms=frozenset(algorithms)))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5c", "x5u", "crit"])
def test_a_key_that_comes_along_is_not_looked_at(name: str) -> None:
    value = key("mine").as_dict(private=False) if name == "jwk" else ["b64"]
    header = {"alg": "RS256", "kid": "mine", name: value}
    body = f"{_part(header)}.{_part(GOOD)}"
    forged = f"{body}.{signed(GOOD, {'kid': 'mine'}, key('mine')).rsplit('.', 1)[1]}"
    with pytest.raises(BadToken, match=r"header|malformed"):
        tokens.read(forged, KEYS, EXPECTED)


def test_another_key_under_a_known_name_is_refused() -> None:
    with pytest.raises(BadToken, match="signature"):
        tokens.read(signed(GOOD, by=key("mine")), KEYS, EXPECTED)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadToken, match="signature"):
        tokens.read(signed(GOOD, {"kid": "mine"}, key("mine")), KEYS, EXPECTED)


def test_a_published_secret_is_no_key() -> None:
    with pytest.raises(BadToken, match="key"):
        tokens.read(signed(GOOD), {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "main"}]}, EXPECTED)


def test_a_changed_letter_anywhere_is_refused() -> None:
    token = signed(GOOD)
    for place in range(0, len(token) - 2, 37):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(BadToken):
            tokens.read(changed, KEYS, EXPECTED)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "{}", "é.é.é"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(text, KEYS, EXPECTED)


def test_an_old_sign_in_does_not_confirm() -> None:
    wanted = replace(EXPECTED, authenticated_since=NOW)
    with pytest.raises(BadToken, match="auth_time"):
        tokens.read(signed(GOOD | {"auth_time": NOW - 61}), KEYS, wanted)
    with pytest.raises(BadToken, match="auth_time"):
        tokens.read(signed(_without("auth_time")), KEYS, wanted)


def test_a_context_that_was_asked_for_must_be_answered() -> None:
    with pytest.raises(BadToken, match="acr"):
        tokens.read(signed(GOOD), KEYS, replace(EXPECTED, contexts=frozenset({"piv"})))
