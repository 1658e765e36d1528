"""Keys and readings travel to a server that proves who it is, and to no other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.config import Settings
from biobank.devices.uplink import Unreachable, Uplink
from biobank.keys.openbao import OpenBaoKeys
from biobank.keys.provider import KeysUnavailable
from tests.keys import tls
from tests.keys.tls import BAD, REDIRECTS, Show, serving

Ask = Callable[[int], object]


def _ask_keys(folder: Path) -> Ask:
    def ask(port: int) -> object:
        provider = OpenBaoKeys(Settings(openbao_url=f"https://127.0.0.1:{port}", openbao_ca_file=folder / "ours.pem",
                                        openbao_token_file=folder / "token"))  # fmt: skip
        try:
            return provider.current()
        finally:
            provider._client.close()

    return ask


def _send_readings(folder: Path) -> Ask:
    def send(port: int) -> object:
        uplink = Uplink(f"https://127.0.0.1:{port}", "one", Ed25519PrivateKey.generate(), folder / "ours.pem")
        try:
            return uplink.post("readings", {"readings": []})
        finally:
            uplink.close()

    return send


@pytest.fixture(params=[_ask_keys, _send_readings], ids=["keys", "station"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """One of the programme's two clients, which trusts our authority alone."""
    (tmp_path / "ours.pem").write_bytes(tls.AUTHORITY.pem())
    (tmp_path / "token").write_text("s.test")
    made: Ask = request.param(tmp_path)
    return made


@pytest.mark.parametrize("show", [tls.SOUND, tls.CHAINED], ids=["direct", "by a middle authority"])
def test_a_server_that_proves_who_it_is_is_told(ask: Ask, tmp_path: Path, show: Show) -> None:
    with serving(show, tmp_path) as heard:
        assert ask(heard.port)
    assert len(heard.requests) == 1


@pytest.mark.parametrize("case", BAD)
def test_a_server_that_does_not_hears_nothing(ask: Ask, tmp_path: Path, case: str) -> None:
    with serving(BAD[case], tmp_path) as heard, pytest.raises((Unreachable, KeysUnavailable)):
        ask(heard.port)
    assert heard.requests == []


@pytest.mark.parametrize("case", REDIRECTS)
def test_nobody_is_sent_elsewhere(ask: Ask, tmp_path: Path, case: str) -> None:
    show = Show(tls.SOUND.party, answer=REDIRECTS[case])
    with serving(show, tmp_path) as heard, pytest.raises((Unreachable, KeysUnavailable)):
        ask(heard.port)
    assert len(heard.requests) == 1
