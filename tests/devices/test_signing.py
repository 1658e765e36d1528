"""The station's key and its signature."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from biobank.devices import signing
from biobank.devices.private_files import KeyFileError

TIME = "2026-11-20T18:00:00.000Z"
PATH = "/api/v1/stations/7/readings"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "station.key"


def verify(public: str, headers: dict[str, str], body: bytes) -> None:
    message = f"POST\n{PATH}\n{TIME}\n{hashlib.sha256(body).hexdigest()}".encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    key.verify(base64.b64decode(headers["Station-Signature"]), message)


def test_the_signature_covers_method_path_time_and_body(key_file: Path):
    public = signing.make_key(key_file)
    headers = signing.sign_request(signing.load_key(key_file), "post", PATH, TIME, b"{}")
    verify(public, headers, b"{}")
    assert headers["Station-Time"] == TIME


def test_another_body_does_not_bear_the_signature(key_file: Path):
    public = signing.make_key(key_file)
    headers = signing.sign_request(signing.load_key(key_file), "POST", PATH, TIME, b"{}")
    with pytest.raises(InvalidSignature):
        verify(public, headers, b"{ }")


def test_a_key_file_is_readable_by_its_owner_alone(key_file: Path):
    signing.make_key(key_file)
    assert key_file.stat().st_mode & 0o777 == 0o400


def test_a_key_is_never_replaced(key_file: Path):
    signing.make_key(key_file)
    with pytest.raises(KeyFileError, match="already exists"):
        signing.make_key(key_file)


def test_a_key_others_can_read_is_refused_with_the_remedy(key_file: Path):
    signing.make_key(key_file)
    key_file.chmod(0o440)
    with pytest.raises(KeyFileError, match="chmod 400"):
        signing.load_key(key_file)


@pytest.mark.parametrize("content", ["", "no key"])
def test_a_file_that_holds_no_key_is_refused(key_file: Path, content: str):
    key_file.write_text(content)
    key_file.chmod(0o400)
    with pytest.raises(KeyFileError, match="holds no Ed25519 key"):
        signing.load_key(key_file)


def test_a_missing_key_is_refused(key_file: Path):
    with pytest.raises(KeyFileError, match="cannot be read"):
        signing.load_key(key_file)


def test_an_instant_is_written_in_utc_with_milliseconds():
    assert signing.instant_text(datetime(2026, 11, 20, 18, 0, tzinfo=UTC)) == TIME
