"""After a breach: whose data somebody touched, as a list and as letters, without a name in either."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from biobank import clock
from biobank.access.actions import record_look
from biobank.access.models import Purpose
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.participants import breach
from biobank.participants.models import Participant
from tests.participants.factories import make_participant


def _look(tx: Tx, participant: Participant, kind: str = "participant") -> None:
    record_look(tx, subject_kind=kind, subject_id=participant.id, purpose=Purpose.VISIT, route="/x", request_id=None)


def test_list_and_letters_hold_each_person_once_in_their_language(tx: Tx, tmp_path: Path, noon: object) -> None:
    rosa, ben = make_participant(tx, language="es"), make_participant(tx)
    for participant, kind in ((rosa, "participant"), (rosa, "identity"), (ben, "participant")):
        _look(tx, participant, kind)
    assert tx.actor.id is not None
    now = clock.now()
    assert breach.write(tx, tmp_path, tx.actor.id, now - timedelta(hours=1), now + timedelta(hours=1)) == (3, 2)
    with (tmp_path / breach.LIST).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows].count(rosa.clinic_code) == 2
    letters = (tmp_path / breach.LETTERS).read_text().split("\f")
    assert [rosa.clinic_code in letter and "A la persona" in letter for letter in letters].count(True) == 1


def test_looks_of_others_and_of_another_time_are_left_out(tx: Tx, noon: object) -> None:
    _look(tx, make_participant(tx))
    assert tx.actor.id is not None
    now = clock.now()
    assert breach.touched(tx, new_id(), now - timedelta(hours=1), now + timedelta(hours=1)) == []
    assert breach.touched(tx, tx.actor.id, now - timedelta(hours=1), now) == []


def test_an_end_before_its_beginning_is_refused(tx: Tx, noon: object) -> None:
    with pytest.raises(Invalid, match="end must come after"):
        breach.touched(tx, new_id(), clock.now(), clock.now())
