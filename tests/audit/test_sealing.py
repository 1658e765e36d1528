"""Rows are sealed in batches soon after they were written; the chain is proven here, elsewhere, and after a restore."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from biobank import clock
from biobank.access.models import Look
from biobank.audit import alarms, offline, sealing, verifying
from biobank.audit.chain import row_digest
from biobank.audit.judging import Flaw
from biobank.audit.models import AlarmKind, AuditSeal
from biobank.audit.rows import sealed_tables
from biobank.cli import main
from biobank.columns import new_id
from biobank.config import Settings
from biobank.db import Databases, run_tx
from biobank.errors import Invalid
from tests.audit.factories import WHO, change, disarm, look


def test_every_append_only_table_with_one_key_is_sealed() -> None:
    names = {table.name for table in sealed_tables()}
    assert {"look", "custody_event", "sign_in_event", "approval_decision", "transfer"} <= names


def test_nothing_is_sealed_twice(databases: Databases) -> None:
    look(databases, 3)
    assert sealing.seal_all(databases) == 3
    assert sealing.seal_all(databases) == 0


def test_a_row_whose_transaction_ended_late_is_sealed_and_the_chain_whole(databases: Databases) -> None:
    early = new_id()
    look(databases, 2)
    sealing.seal_all(databases)
    with databases.transaction(WHO) as tx:
        tx.session.add(Look(id=early, at=clock.now(), actor_kind="staff", actor_id=WHO.id, actor_name="Late",
                            subject_kind="participant", subject_id=UUID(int=1), purpose="visit",
                            route="/x"))  # fmt: skip
    assert sealing.seal_all(databases) == 1
    assert verifying.verify(databases).is_whole


def test_a_key_from_the_future_hides_nothing(databases: Databases) -> None:
    with databases.transaction(WHO) as tx:
        tx.session.add(Look(id=UUID(int=2**128 - 1), at=clock.now(), actor_kind="staff", actor_id=WHO.id,
                            actor_name="Later", subject_kind="participant", subject_id=UUID(int=1), purpose="visit",
                            route="/x"))  # fmt: skip
    look(databases, 2)
    assert sealing.seal_all(databases) == 2


def test_the_slower_of_two_sequencers_is_refused(databases: Databases) -> None:
    look(databases)
    sealing.seal_all(databases)
    signer = sealing.signer_of(databases)
    body = {"table": "", "columns": "", "count": 0, "low": "0" * 32, "high": "0" * 32, "members": b"", "digest": "",
            "note": ""}  # fmt: skip
    with pytest.raises(IntegrityError):
        run_tx(databases, lambda tx: sealing._append(tx, signer, sealing.Last(), body, 1))


def test_rows_that_waited_too_long_raise_an_alarm(databases: Databases) -> None:
    look(databases)
    sealing.watch(databases)
    look(databases)
    with clock.at(datetime.now(UTC) + timedelta(minutes=2)):
        sealing.watch(databases)
    with databases.transaction(read_only=True) as tx:
        assert [alarm.kind for alarm in alarms.newest(tx)] == [AlarmKind.SEAL_LATE]


def test_both_databases_seal_the_same_row_alike(databases: Databases) -> None:
    key, at = UUID(int=5 << 80), datetime(2026, 11, 20, 18, 0, 0, 5, tzinfo=UTC)
    with databases.transaction(WHO) as tx:
        tx.session.add(Look(id=key, at=at, actor_kind="staff", actor_id=UUID(int=7), actor_name="Núñez", site_id=None,
                            subject_kind="participant", subject_id=UUID(int=1), purpose="visit",
                            route="/x"))  # fmt: skip
    sealing.seal_all(databases)
    with databases.transaction(read_only=True) as tx:
        (seal,) = verifying.seals_of(tx)
    cells = [key.hex, UUID(int=7).hex, "staff", "Núñez", "2026-11-20T18:00:00.000005+00:00", "visit", None, "/x", None,
             UUID(int=1).hex, "participant"]  # fmt: skip
    assert seal.members == key.bytes + row_digest(cells)[:16]


def test_an_exported_log_is_verified_with_its_public_key_alone(databases: Databases, tmp_path: Path) -> None:
    look(databases, 3)
    sealing.seal_all(databases)
    public = sealing.signer_of(databases).public
    assert offline.export(databases, tmp_path / "log") == 1
    assert offline.verify_file(tmp_path / "log", public, sealing.place(databases)).is_whole
    altered = (tmp_path / "log").read_text().replace("Carla", "Clara", 1)
    (tmp_path / "altered").write_text(altered)
    (found,) = offline.verify_file(tmp_path / "altered", public).findings
    assert (found.flaw, found.index) == (Flaw.ROW_CHANGED, 0)


@pytest.mark.parametrize("text", ["", "{}\n", '{"format": "biobank-sealed-log/1"}\n[]\n',
                                  '{"format": "biobank-sealed-log/1"}\n{"seal": {}}\n', "\x00"])  # fmt: skip
def test_what_is_no_sealed_log_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    if not text:
        assert offline.verify_file(tmp_path / "log", bytes(32)).seals == 0
        return
    with pytest.raises(Invalid):
        offline.verify_file(tmp_path / "log", bytes(32))


def test_after_a_restore_that_was_meant_the_chain_goes_on_and_says_so(databases: Databases) -> None:
    for _ in range(2):
        look(databases, 2)
        sealing.seal_all(databases)
    disarm(databases, "look", "audit_seal")
    with databases.transaction(read_only=True) as tx:
        high = tx.session.scalar(sa.select(AuditSeal.low).filter_by(number=2))
    change(databases, sa.delete(AuditSeal).where(AuditSeal.number == 2), sa.delete(Look).where(Look.id >= high))
    sealing.resume(databases, "restored last night's backup")
    look(databases)
    sealing.seal_all(databases)
    report = verifying.verify(databases)
    assert report.is_whole
    assert "restored last night's backup (the checkpoint stood at seal 2)" in report.notes[0]


def _run(settings: Settings, *words: str) -> tuple[int, str]:
    environment = {"BIOBANK_PROFILE": "demo", "BIOBANK_DATABASE_URL": settings.database_url,
                   "BIOBANK_VAULT_URL": settings.vault_url}  # fmt: skip
    done = CliRunner().invoke(main, ["--home", str(settings.home), "audit", *words], env=environment)
    return done.exit_code, done.stdout


def test_the_commands_seal_verify_and_name_what_is_wrong(settings: Settings, databases: Databases) -> None:
    look(databases, 2)
    assert "Sealed: 2 rows" in _run(settings, "seal")[1]
    assert json.loads(_run(settings, "verify", "--json")[1])["whole"] is True
    disarm(databases, "look")
    change(databases, sa.update(Look).values(actor_name="Somebody Else"))
    code, words = _run(settings, "verify")
    assert code == 1
    assert words.startswith("seal 1: a row was changed, look row 0")


def test_the_commands_export_a_log_and_verify_it_elsewhere(
    settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    look(databases, 2)
    _run(settings, "seal")
    public = _run(settings, "export", str(tmp_path / "log"))[1].split()[-1]
    databases.dispose()
    code, words = _run(Settings(home=tmp_path / "elsewhere"), "verify-file", str(tmp_path / "log"), public)
    assert (code, words) == (0, "Whole: 1 seals over 2 rows.\n")


@given(st.lists(st.none() | st.integers() | st.text(st.characters(codec="utf-8"))))
def test_a_rows_digest_is_that_of_its_json(cells: list[str | int | None]) -> None:
    text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
    assert row_digest(cells) == hashlib.sha256(text.encode()).digest()
