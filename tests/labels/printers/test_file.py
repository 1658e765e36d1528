"""A folder in place of a printer."""

import hashlib
import json
from pathlib import Path

import pytest

from labels.printers.base import PrinterStatus, SendState
from labels.printers.file import FilePrinter


def test_labels_are_numbered_in_the_order_they_came(label: bytes, tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "printed")
    assert [printer.send(label).state for _ in range(2)] == [SendState.SENT, SendState.SENT]
    assert sorted(path.name for path in printer.folder.glob("label-*")) == ["label-000001.zpl", "label-000002.zpl"]


def test_a_label_is_kept_byte_for_byte(label: bytes, tmp_path: Path) -> None:
    FilePrinter(tmp_path).send(label)
    assert (tmp_path / "label-000001.zpl").read_bytes() == label


def test_the_manifest_names_size_and_hash_but_not_the_content(label: bytes, tmp_path: Path) -> None:
    FilePrinter(tmp_path).send(label)
    (entry,) = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    digest = hashlib.sha256(label).hexdigest()
    assert entry == {"file": "label-000001.zpl", "bytes": len(label), "sha256": digest}


@pytest.mark.parametrize(
    ("start", "name"), [(b"%PDF-1.4", "label-000001.pdf"), (b"\x89PNG", "label-000001.png"), (b"?", "label-000001.bin")]
)
def test_a_file_is_named_after_what_it_holds(start: bytes, name: str, tmp_path: Path) -> None:
    FilePrinter(tmp_path).send(start)
    assert (tmp_path / name).exists()


def test_a_file_already_there_is_never_overwritten(label: bytes, tmp_path: Path) -> None:
    (tmp_path / "label-000002.zpl").write_bytes(b"kept")
    FilePrinter(tmp_path).send(label)
    assert (tmp_path / "label-000002.zpl").read_bytes() == b"kept"
    assert (tmp_path / "label-000003.zpl").read_bytes() == label


def test_a_folder_that_cannot_be_made_refuses(label: bytes, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    printer = FilePrinter.from_address(str(tmp_path / "taken"))
    assert printer.send(label).state is SendState.REFUSED
    assert printer.status() is PrinterStatus.UNREACHABLE


def test_a_folder_needs_a_name() -> None:
    with pytest.raises(ValueError, match="name of a folder"):
        FilePrinter.from_address("")
