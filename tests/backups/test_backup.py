"""A backup of a real pair of databases: encrypted, proven before it goes live, and nobody who left comes back."""

import io
import json
import os
import secrets
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from biobank import db, events, wiring
from biobank.backups import pair, sealed_stream
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Conflict
from biobank.participants import erasure
from biobank.participants.actions import name_of, withdraw
from biobank.participants.models import Participant, ParticipantStatus
from biobank.participants.vault_keys import Erased
from tests.conftest import _administer
from tests.participants.factories import make_participant

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programmes of the server's own version."""
    package = find_spec("pgserver")
    assert package is not None
    folder = Path(package.origin or "").parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def stopped(databases: Databases, settings: Settings) -> Iterator[Databases]:
    """The databases of a service that is stopped when a restore asks for it."""
    yield databases
    if settings.database_url:
        query = "SELECT datname FROM pg_database WHERE datname ~ '_(before|restoring)_2'"
        with databases.study.engine.connect() as connection:
            left = [row[0] for row in connection.execute(sa.text(query))]
        _administer(settings.database_url, *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in left))


def _enrol(databases: Databases) -> Participant:
    with databases.transaction() as tx:
        return make_participant(tx, first_name="Zyxwina")


def _count(databases: Databases) -> int:
    with databases.transaction(read_only=True) as tx:
        return tx.session.scalar(sa.select(sa.func.count()).select_from(Participant)) or 0


def _restored(settings: Settings, folder: Path) -> Databases:
    pair.restore(settings, folder)
    events.connect(wiring.TABLE)
    return db.connect(settings)


def test_what_was_backed_up_comes_back_and_who_left_since_does_not(
    stopped: Databases, settings: Settings, tmp_path: Path
) -> None:
    gone, stays = _enrol(stopped), _enrol(stopped)
    pair.backup(settings, tmp_path / "backup")
    _enrol(stopped)
    with stopped.transaction() as tx:
        withdraw(tx, gone.id, "not-said")
    with stopped.transaction() as tx:
        erasure.erase(tx, gone.id)
    stopped.dispose()
    again = _restored(settings, tmp_path / "backup")
    assert _count(again) == 2
    with again.transaction(read_only=True) as tx:
        assert name_of(tx, stays.id).first == "Zyxwina"
        assert tx.session.get_one(Participant, gone.id).status is ParticipantStatus.WITHDRAWN
        with pytest.raises(Erased):
            name_of(tx, gone.id)
    again.dispose()


def test_a_restore_is_refused_while_the_service_runs(stopped: Databases, settings: Settings, tmp_path: Path) -> None:
    _enrol(stopped)
    pair.backup(settings, tmp_path / "backup")
    with stopped.transaction(read_only=True) as tx:
        tx.session.scalar(sa.select(Participant.id))
        tx.vault.connection()
        with pytest.raises(Conflict, match="service is running"):
            pair.restore(settings, tmp_path / "backup")
    assert _count(stopped) == 1


def test_a_damaged_backup_changes_nothing(stopped: Databases, settings: Settings, tmp_path: Path) -> None:
    _enrol(stopped)
    made = pair.backup(settings, tmp_path / "backup")
    stopped.dispose()
    path = tmp_path / "backup" / made["databases"]["vault"]["file"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Conflict, match="vault in this backup is not what was copied"):
        pair.restore(settings, tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / pair.MANIFEST).read_text())
    manifest["databases"]["vault"]["sha256"] = pair._digest(path)
    (tmp_path / "backup" / pair.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Conflict, match="damaged"):
        pair.restore(settings, tmp_path / "backup")
    assert _count(stopped) == 1


def test_nothing_in_a_backup_can_be_read_without_its_keys(
    stopped: Databases, settings: Settings, tmp_path: Path
) -> None:
    participant = _enrol(stopped)
    pair.backup(settings, tmp_path / "backup")
    found = b"".join(path.read_bytes() for path in (tmp_path / "backup").iterdir() if path.name != pair.MANIFEST)
    traces = (b"Zyxwina", participant.clinic_code.encode(), b"CREATE TABLE", b"participant")
    assert [trace for trace in traces if trace in found] == []


def test_a_backup_never_overwrites_another(stopped: Databases, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="there already"):
        pair.backup(settings, tmp_path)


def test_a_machine_without_pg_dump_says_what_to_install(
    postgresql_template: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Conflict, match="postgresql-client"):
        pair.backup(postgresql_template, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    assert list(tmp_path.glob("*.part")) == []


def test_a_folder_that_is_no_backup_is_refused(embedded_template: Settings, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="not a whole backup"):
        pair.restore(embedded_template, tmp_path)


def _sealed(*chunks: bytes) -> bytes:
    target = io.BytesIO()
    sealed_stream.write(KEY, chunks, target)
    return target.getvalue()


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_a_stream_opens_as_it_was_written(chunks: list[bytes]) -> None:
    assert b"".join(sealed_stream.read(KEY, io.BytesIO(_sealed(*chunks)))) == b"".join(chunks)


@given(st.data())
def test_a_stream_that_was_changed_or_cut_anywhere_is_refused(data: st.DataObject) -> None:
    whole = _sealed(b"one" * 9, b"two" * 9, b"three")
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    broken = data.draw(st.sampled_from([whole[:place], changed]))
    with pytest.raises(Conflict):
        b"".join(sealed_stream.read(KEY, io.BytesIO(broken)))


def test_chunks_of_a_stream_cannot_change_places() -> None:
    whole = _sealed(b"a" * 10, b"b" * 10, b"c" * 10)
    head, size = 12, 4 + 10 + 16
    parts = [whole[head + number * size : head + (number + 1) * size] for number in range(3)]
    with pytest.raises(Conflict):
        list(sealed_stream.read(KEY, io.BytesIO(whole[:head] + parts[1] + parts[0] + parts[2])))


def test_a_stream_under_another_key_is_refused() -> None:
    with pytest.raises(Conflict):
        list(sealed_stream.read(secrets.token_bytes(32), io.BytesIO(_sealed(b"x"))))
