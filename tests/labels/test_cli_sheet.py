"""The sheet command, as a person runs it."""

import json
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from labels.cli import main

Data = Callable[..., dict[str, str]]


@pytest.fixture
def batch_file(tmp_path: Path, label_data: Data) -> Path:
    path = tmp_path / "batch.json"
    batch = [label_data("cryo-33x13") | {"collected_at": None} for _ in range(3)]
    path.write_text(json.dumps(batch), encoding="utf-8")
    return path


def laid_out(data: Path, *options: str, stock: str = "lcry-1700") -> int:
    output = str(data.with_suffix(".pdf"))
    return main(["sheet", "--stock", stock, "--template", "cryo-33x13", "--data", str(data), "-o", output, *options])


def test_a_batch_becomes_sheets(batch_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert laid_out(batch_file, "--start", "84", "--by-participant", "--offset", "0.5,-0.2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["sheets"] == 2
    assert len(pypdfium2.PdfDocument(batch_file.with_suffix(".pdf"))) == 2


def test_used_places_are_left(batch_file: Path) -> None:
    assert laid_out(batch_file, "--skip", "1,2") == 0


def test_a_sheet_there_is_none_of_leaves_with_2(batch_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert laid_out(batch_file, stock="none") == 2
    assert "lcry-1700" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--start", "86"], ["--offset", "9,9"], ["--skip", "0"]])
def test_what_does_not_go_onto_the_sheet_leaves_with_1_and_no_file(options: list[str], batch_file: Path) -> None:
    assert laid_out(batch_file, *options) == 1
    assert not batch_file.with_suffix(".pdf").exists()


@pytest.mark.parametrize("options", [["--skip", "a"], ["--offset", "1"], ["--offset", "1,b"], ["--start", "x"]])
def test_misuse_leaves_with_2(options: list[str], batch_file: Path) -> None:
    with pytest.raises(SystemExit) as left:
        laid_out(batch_file, *options)
    assert left.value.code == 2


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"[", b"\xff", b"[]", b"[" * 100_000])
def test_data_that_are_no_batch_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    assert laid_out(tmp_path / "bad.json") == 1


def test_a_remark_comes_with_the_printers_own_letters(
    batch_file: Path, capsys: pytest.CaptureFixture[str], label_data: Data
) -> None:
    data = batch_file.with_name("one.json")
    data.write_text(json.dumps(label_data()), encoding="utf-8")
    command = ["render", "--template", "tube-50x25", "--data", str(data), "--format", "zpl-native"]
    assert main([*command, "-o", str(batch_file.with_suffix(".zpl"))]) == 0
    assert "Text differs from preview" in capsys.readouterr().err
