"""Inventory files: read whole or not at all, once, with each later change kept."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Invalid
from biobank.specimens.inventory import actions, importing
from biobank.specimens.inventory.models import SampleChange, StoredSample
from biobank.specimens.inventory.rows import COLUMNS
from tests.specimens.inventory.test_inventory_rows import line


def write(folder: Path, *lines: str, name: str = "inventory.tsv") -> Path:
    path = folder / name
    path.write_text("\t".join(COLUMNS) + "\n" + "".join(lines))
    return path


def test_a_file_is_read_with_its_aliquots(tx: Tx, tmp_path: Path) -> None:
    path = write(tmp_path, line(), line(Sample_Id="A2", Parent_Sample_Id="A1"), "\n")
    done = actions.import_inventory(tx, path)
    assert (done.file.added, done.file.refused) == (2, 0)
    assert tx.session.get_one(StoredSample, "A2").parent_id == "A1"


def test_the_same_file_twice_is_one_file(tx: Tx, tmp_path: Path) -> None:
    first = actions.import_inventory(tx, write(tmp_path, line()))
    again = actions.import_inventory(tx, write(tmp_path, line(), name="copy.tsv"))
    assert (again.is_new, again.file.id) == (False, first.file.id)


def test_a_bad_row_is_named_by_its_number_and_the_rest_goes_on(tx: Tx, tmp_path: Path) -> None:
    done = actions.import_inventory(
        tx, write(tmp_path, line(), line(Sample_Id="A2", Test_Code=""), line(Sample_Id="A3"))
    )
    assert (done.file.added, done.file.refused) == (2, 1)
    assert [refusal.row for refusal in actions.refusals(tx, done.file.id)] == [3]


def test_asked_to_be_strict_one_bad_row_refuses_the_file(tx: Tx, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Row 3: Sample Id"):
        actions.import_inventory(tx, write(tmp_path, line(), line(Sample_Id="")), strict=True)


def test_a_sample_that_stands_twice_is_taken_once(tx: Tx, tmp_path: Path) -> None:
    done = actions.import_inventory(tx, write(tmp_path, line(), line(Test_Code="1ED04")))
    assert (done.file.added, done.file.refused) == (1, 1)
    assert tx.session.get_one(StoredSample, "A1").test == "1ED10"


def test_what_a_later_file_says_otherwise_is_kept_beside_what_was_known(tx: Tx, tmp_path: Path) -> None:
    actions.import_inventory(tx, write(tmp_path, line(), line(Sample_Id="A2")))
    done = actions.import_inventory(tx, write(tmp_path, line(Sample_Disposal_Status="consumed"), line(Sample_Id="A2")))
    assert (done.file.added, done.file.changed) == (0, 1)
    assert tx.session.scalars(sa.select(SampleChange)).one().before == {"status": "received"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Sample Id,Test Code\n1,2\n"])
def test_what_is_no_inventory_is_refused_whole(tx: Tx, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.tsv"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        actions.import_inventory(tx, path)


def test_a_backslash_is_a_letter_like_another(tx: Tx, tmp_path: Path) -> None:
    actions.import_inventory(tx, write(tmp_path, line(Sample_Id="A\\N", Sample_Family_Id="\\.")))
    assert tx.session.get_one(StoredSample, "A\\N").family_id == "\\."


def test_progress_is_told_after_each_batch(tx: Tx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    told: list[tuple[int, float]] = []
    rows = [line(Sample_Id=f"A{number}") for number in range(5)]
    actions.import_inventory(tx, write(tmp_path, *rows), progress=lambda rows, part: told.append((rows, part)))
    assert ([rows for rows, _ in told], told[-1][1]) == ([2, 4, 5], 1.0)
