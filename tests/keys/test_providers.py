"""Every key provider keeps the same contract: what was wrapped opens in its place alone, before and after rotation."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from biobank import keys
from biobank.config import Settings
from biobank.errors import Invalid, UnsafeSettings
from biobank.keys.openbao import OpenBaoKeys
from biobank.keys.provider import BadKey, KeyProvider, KeysUnavailable, Wrapped
from tests.keys import transit

KEY, PLACE = bytes(range(32)), b"person_key\x00one"


@dataclass
class Kind:
    """A provider under test, and how its operator brings the next master key."""

    provider: KeyProvider
    turn: Callable[[], str]
    retire: Callable[[str], None]


def _file(tmp_path: Path) -> Iterator[Kind]:
    provider = keys.load(Settings(home=tmp_path))
    yield Kind(provider, provider.rotate, provider.retire)


def _systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    numbers = iter((1, 2))

    def turn() -> str:
        name = f"master-{next(numbers)}"
        (tmp_path / f"{name}.key").write_text(secrets.token_hex(32))
        return name

    def retire(master: str) -> None:
        (tmp_path / f"{master}.key").unlink()
        provider._ciphers.clear()  # type: ignore[attr-defined] # the unit is restarted with its new credentials

    (tmp_path / "vault-index.key").write_text(secrets.token_hex(32))
    turn()
    provider = keys.load(Settings(key_provider="systemd"))
    yield Kind(provider, turn, retire)


def _openbao(tmp_path: Path) -> Iterator[Kind]:
    (tmp_path / "token").write_text(transit.TOKEN + "\n")
    with transit.running() as (address, _):
        settings = Settings(key_provider="openbao", openbao_url=address, openbao_token_file=tmp_path / "token")
        provider = keys.load(settings)
        yield Kind(provider, provider.rotate, provider.retire)
        provider._client.close()  # type: ignore[attr-defined]


@pytest.fixture(params=["file", "systemd", "openbao"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    made = {"file": lambda: _file(tmp_path), "systemd": lambda: _systemd(tmp_path, monkeypatch),
            "openbao": lambda: _openbao(tmp_path)}  # fmt: skip
    yield from made[request.param]()


def _wrap(kind: Kind) -> Wrapped:
    return kind.provider.wrap([(KEY, PLACE)])[0]


def test_a_wrapped_key_opens_again(kind: Kind) -> None:
    wrapped = _wrap(kind)
    assert kind.provider.unwrap([(wrapped, PLACE)]) == [KEY]
    assert wrapped.master == kind.provider.current()


def test_a_wrapped_key_shows_nothing_of_the_key_and_differs_each_time(kind: Kind) -> None:
    assert KEY not in _wrap(kind).body
    assert _wrap(kind).body != _wrap(kind).body


def test_many_are_wrapped_in_their_order(kind: Kind) -> None:
    pairs = [(secrets.token_bytes(32), bytes([number])) for number in range(20)]
    wrapped = kind.provider.wrap(pairs)
    places = [place for _, place in pairs]
    assert kind.provider.unwrap(list(zip(wrapped, places, strict=True))) == [key for key, _ in pairs]


def test_a_wrapped_key_in_another_place_does_not_open(kind: Kind) -> None:
    wrapped = _wrap(kind)
    with pytest.raises(BadKey):
        kind.provider.unwrap([(wrapped, b"person_key\x00two")])


def test_an_altered_wrapping_does_not_open(kind: Kind) -> None:
    wrapped = _wrap(kind)
    altered = Wrapped(wrapped.master, wrapped.body[:-2] + b"AA")
    with pytest.raises(BadKey):
        kind.provider.unwrap([(altered, PLACE)])


def test_a_new_master_key_wraps_and_the_older_one_still_opens(kind: Kind) -> None:
    before = _wrap(kind)
    kind.turn()
    after = _wrap(kind)
    assert after.master == kind.provider.current() != before.master
    assert kind.provider.unwrap([(before, PLACE), (after, PLACE)]) == [KEY, KEY]


def test_a_retired_master_key_opens_nothing_any_more(kind: Kind) -> None:
    before = _wrap(kind)
    kind.turn()
    kind.retire(before.master)
    with pytest.raises(BadKey):
        kind.provider.unwrap([(before, PLACE)])


def test_the_master_key_in_use_is_not_retired(kind: Kind) -> None:
    with pytest.raises(Invalid, match="in use"):
        kind.provider.retire(kind.provider.current())


def test_a_secret_is_the_same_each_time_it_is_asked_for(kind: Kind) -> None:
    found = kind.provider.secret("vault-index")
    assert found == kind.provider.secret("vault-index")
    assert len(found) == 32


def test_keys_in_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    provider = keys.load(Settings(home=tmp_path))
    provider.secret("study")
    provider.rotate()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").glob("*.key")} == {0o400}


def test_a_key_that_is_no_key_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "study.key").write_text("not a key")
    with pytest.raises(KeysUnavailable, match="study"):
        keys.load(Settings(home=tmp_path)).secret("study")


def test_systemd_says_which_credential_is_to_be_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = next(_systemd(tmp_path, monkeypatch)).provider
    with pytest.raises(Invalid, match=r"master-2\.key"):
        provider.rotate()


def test_a_provider_that_is_not_installed_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnsafeSettings, match="file, openbao, systemd"):
        keys.load(Settings(key_provider="cloud"))


def test_keys_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="https"):
        OpenBaoKeys(Settings(openbao_url="http://keys.example", openbao_token_file=tmp_path))


def test_a_key_service_that_is_away_is_a_refusal_for_later(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another")
    with transit.running() as (address, _):
        provider = OpenBaoKeys(Settings(openbao_url=address, openbao_token_file=tmp_path / "token"))
        with pytest.raises(KeysUnavailable, match="403"):
            provider.current()
    with pytest.raises(KeysUnavailable, match="does not answer"):
        provider.current()
    provider._client.close()
