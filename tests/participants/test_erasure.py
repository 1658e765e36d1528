"""A person's own key: rotated while the service runs, destroyed for good, not brought back by an old backup."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from biobank import clock, db, events, wiring
from biobank.cli import main
from biobank.config import Settings
from biobank.db import Databases, Tx
from biobank.errors import Conflict
from biobank.participants import erasure, tombstones, vault, vault_keys
from biobank.participants.actions import name_of, participant_of_payee, payee_of, search, withdraw
from biobank.participants.models import Participant, ParticipantEvent, ParticipantEventKind, ParticipantStatus
from biobank.participants.person import Contact
from biobank.participants.sealing import BrokenSeal, seal
from biobank.participants.tombstones import Departure
from biobank.participants.vault_keys import Erased
from biobank.participants.vault_models import MasterKey, PersonKey, VaultPerson
from tests.participants.factories import details, make_participant


def _people(databases: Databases, count: int) -> list[Participant]:
    with databases.transaction() as tx:
        return [make_participant(tx) for _ in range(count)]


def _masters(databases: Databases) -> set[str]:
    with databases.transaction(read_only=True) as tx:
        return set(tx.vault.scalars(sa.select(PersonKey.master)))


def _leave(databases: Databases, participant: Participant) -> None:
    with databases.transaction() as tx:
        withdraw(tx, participant.id, "not-said")


def _erase(databases: Databases, participant: Participant) -> None:
    with databases.transaction() as tx:
        erasure.erase(tx, participant.id)


def _name(databases: Databases, participant: Participant) -> str:
    with databases.transaction(read_only=True) as tx:
        return name_of(tx, participant.id).full


def test_each_person_has_a_key_of_their_own(tx: Tx) -> None:
    one, other = make_participant(tx), make_participant(tx)
    rows = {row.participant_id: row for row in tx.vault.scalars(sa.select(PersonKey))}
    rows[one.id].wrapped, rows[other.id].wrapped = rows[other.id].wrapped, rows[one.id].wrapped
    tx.vault.flush()
    with pytest.raises(BrokenSeal):
        name_of(tx, one.id)


def test_rotation_leaves_every_name_readable_under_a_new_master(databases: Databases) -> None:
    people = _people(databases, 5)
    before = [_name(databases, one) for one in people]
    steps = list(vault_keys.rotate(databases, batch=2))
    assert (steps[-1].done, steps[-1].master) == (5, "master-2")
    assert _masters(databases) == {"master-2"}
    assert [_name(databases, one) for one in people] == before


def test_a_rotation_that_was_broken_off_goes_on_where_it_stood(databases: Databases) -> None:
    _people(databases, 5)
    broken_off = vault_keys.rotate(databases, batch=2)
    next(broken_off), next(broken_off)
    again = list(vault_keys.rotate(databases, batch=2))
    assert _masters(databases) == {"master-2"}
    assert [step.done for step in again] == [2, 4, 5]


def test_whoever_is_forgotten_during_a_rotation_stays_forgotten(databases: Databases) -> None:
    people = _people(databases, 3)
    last = max(people, key=lambda one: one.id)
    _leave(databases, last)
    rotation = vault_keys.rotate(databases, batch=2)
    next(rotation), next(rotation)
    rows = vault_keys._rewrapped(databases, vault_keys._older(databases, "master-2", vault_keys.UUID(int=0), 9))
    _erase(databases, last)
    with databases.transaction() as tx:
        vault_keys._store(tx, rows)
    with pytest.raises(Erased):
        _name(databases, last)


def test_an_older_master_key_is_destroyed_only_when_nothing_needs_it(databases: Databases) -> None:
    _people(databases, 1)
    databases.provider.rotate()
    with pytest.raises(Conflict, match="vault rotate"):
        vault_keys.retire_masters(databases)
    list(vault_keys.rotate(databases))
    with pytest.raises(Conflict, match="ten minutes"):
        vault_keys.retire_masters(databases)
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert vault_keys.retire_masters(databases) == ["master-1"]
    with databases.transaction(read_only=True) as tx:
        assert tx.vault.get_one(MasterKey, "master-1").retired_at is not None


def test_persons_kept_under_the_vaults_one_key_get_their_own(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    with databases.transaction() as tx:
        tx.vault.execute(sa.delete(PersonKey))
        row = tx.vault.get_one(VaultPerson, one.id)
        person = details(first_name="Olga", last_name="Older", born_on="1950-01-02")
        for column in ("first_name", "last_name", "born_on", "email", "phone", "street"):
            text = str(person[column])
            setattr(row, column, seal(databases.keys("vault-data"), text, table="person", column=column, row=one.id))
        row.phone_alone = None
    assert _name(databases, one) == "Olga Older"
    with databases.transaction() as tx:
        assert (vault.adopt(tx, 10), vault.adopt(tx, 10)) == (1, 0)
    assert _name(databases, one) == "Olga Older"
    assert _masters(databases) == {"master-1"}


def test_only_who_has_left_can_be_forgotten(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    with pytest.raises(Conflict, match="takes part"):
        _erase(databases, one)


def test_a_destroyed_identity_shows_no_name_and_is_found_by_nothing(databases: Databases) -> None:
    with databases.transaction() as tx:
        one = make_participant(tx, last_name="Quill", phone="3125550199")
        born_on = vault.born_on_of(tx, one.id)
    _leave(databases, one)
    _erase(databases, one)
    with pytest.raises(Erased):
        _name(databases, one)
    with databases.transaction(read_only=True) as tx:
        assert search(tx, "Quill", born_on) == []
        row = tx.vault.get_one(VaultPerson, one.id)
        assert {row.first_name, row.last_name, row.born_on, row.phone_alone, row.phone_index} == {b"", None}


def test_the_codes_of_a_destroyed_identity_still_resolve(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    _leave(databases, one)
    _erase(databases, one)
    with databases.transaction(read_only=True) as tx:
        assert participant_of_payee(tx, payee_of(tx, one.id)) == one.id


def test_an_old_copy_of_the_vault_brings_nobody_back(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    with databases.transaction(read_only=True) as tx:
        rows = {model: dict(tx.vault.execute(sa.select(model.__table__)).mappings().one())
                for model in (VaultPerson, PersonKey)}  # fmt: skip
    _leave(databases, one)
    _erase(databases, one)
    with databases.transaction() as tx:
        tx.vault.execute(sa.update(VaultPerson).values(**rows[VaultPerson]))
        tx.vault.execute(sa.insert(PersonKey).values(**rows[PersonKey]))
    assert _name(databases, one) != ""
    assert erasure.replay(databases) == {Departure.WITHDRAWN: 0, Departure.ERASED: 1}
    with pytest.raises(Erased):
        _name(databases, one)


def test_an_old_pair_of_files_loses_neither_withdrawal_nor_erasure(embedded_template: Settings, tmp_path: Path) -> None:
    shutil.copytree(embedded_template.home, tmp_path / "home")
    settings = replace(embedded_template, home=tmp_path / "home")
    opened = db.connect(settings)
    events.connect(wiring.TABLE)
    (one,) = _people(opened, 1)
    opened.dispose()
    shutil.copytree(settings.home, tmp_path / "old")
    opened = db.connect(settings)
    _leave(opened, one)
    _erase(opened, one)
    opened.dispose()
    for name in ("study", "vault"):
        for tail in ("-wal", "-shm"):
            (settings.home / f"{name}.sqlite3{tail}").unlink(missing_ok=True)
        shutil.copy(tmp_path / "old" / f"{name}.sqlite3", settings.home / f"{name}.sqlite3")
    opened = db.connect(settings)
    assert erasure.replay(opened) == {Departure.WITHDRAWN: 1, Departure.ERASED: 1}
    with opened.transaction(read_only=True) as tx:
        assert tx.session.get_one(Participant, one.id).status is ParticipantStatus.WITHDRAWN
    with pytest.raises(Erased):
        _name(opened, one)
    opened.dispose()


def test_an_identity_is_destroyed_when_the_policys_days_have_passed(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    _leave(databases, one)
    assert erasure.erase_due(databases, 30) == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert (erasure.erase_due(databases, 30), erasure.erase_due(databases, 30)) == (1, 0)
    with databases.transaction(read_only=True) as tx:
        query = sa.select(ParticipantEvent.kind).filter_by(participant_id=one.id).order_by(ParticipantEvent.id)
        kinds = list(tx.session.scalars(query))
    assert kinds == [ParticipantEventKind.ENROLLED, ParticipantEventKind.WITHDRAWN, ParticipantEventKind.ERASED]


def test_a_line_that_somebody_else_wrote_into_the_journal_is_refused(databases: Databases) -> None:
    (one,) = _people(databases, 1)
    _leave(databases, one)
    path = tombstones.journal(databases)
    path.write_text(path.read_text().replace("withdrawn", "erased"))
    with pytest.raises(Conflict, match=r"Line 1 of departures\.journal"):
        erasure.replay(databases)


def test_a_line_cut_short_by_a_crash_spoils_no_other(databases: Databases) -> None:
    one, other = _people(databases, 2)
    _leave(databases, one)
    path = tombstones.journal(databases)
    with path.open("a") as file:
        file.write('{"kind": "era')
    _leave(databases, other)
    assert [found for _, found in tombstones.buried(databases, path)] == [one.id, other.id]


def test_the_command_rotates_and_forgets(settings: Settings, databases: Databases) -> None:
    (one,) = _people(databases, 1)
    _leave(databases, one)
    environment = {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(settings.home), "BIOBANK_IDENTITY_DAYS": "0",
                   "BIOBANK_DATABASE_URL": settings.database_url, "BIOBANK_VAULT_URL": settings.vault_url}  # fmt: skip
    told = [CliRunner().invoke(main, ["vault", *words], env=environment).output
            for words in (["rotate"], ["forget"], ["forget", "--replay"])]  # fmt: skip
    assert "1 keys are under master-2" in told[0]
    assert told[1:] == ["Forgotten: 1.\n", "withdrawn again: 0, erased again: 0\n"]
    with pytest.raises(Erased):
        _name(databases, one)


def test_a_changed_contact_is_sealed_under_the_persons_key(tx: Tx) -> None:
    one = make_participant(tx)
    vault.change_contact(tx, one.id, Contact(phone="3125550123"))
    assert vault.person_of(tx, one.id).contact.phone == "3125550123"
