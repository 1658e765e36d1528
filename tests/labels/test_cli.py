"""The label commands, as a person runs them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labels import Kind, mint, parse
from labels.cli import main

Data = Callable[..., dict[str, str]]
Decode = Callable[[bytes], list[str]]


@pytest.fixture
def tube_file(tmp_path: Path, label_data: Data) -> Path:
    path = tmp_path / "tube.json"
    path.write_text(json.dumps(label_data(tube_id="S123456789050")), encoding="utf-8")
    return path


def rendered(data: Path, output: Path, template: str = "tube-50x25", fmt: str = "png") -> int:
    return main(
        ["render", "--template", template, "--data", str(data), "--format", fmt, "--dpi", "300", "-o", str(output)]
    )


def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "labels", "code", "tube"], capture_output=True, text=True, check=True)
    assert parse(done.stdout.strip(), Kind.TUBE)


@pytest.mark.parametrize("command", [[], ["render"], ["sheet"], ["code"], ["check"]])
def test_help_shows_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    assert "  python -m labels " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "kind"), [("S", Kind.TUBE), ("tube", Kind.TUBE), ("box", Kind.BOX), ("h", Kind.SHIPMENT)]
)
def test_a_code_is_drawn_by_letter_or_word(name: str, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", name]) == 0
    assert parse(capsys.readouterr().out.strip(), kind)


@pytest.mark.parametrize("arguments", [["code", "vial"], ["code"], [], ["print"], ["render", "--dpi", "96"]])
def test_misuse_leaves_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


@pytest.mark.parametrize("code", [["S123456789050"], ["]C0s12345-67890-5O"], ["S", "12345", "67890", "50"]])
def test_a_whole_code_checks_with_0(code: list[str]) -> None:
    assert main(["check", *code]) == 0


def test_a_broken_code_checks_with_1_and_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "S123456789051"]) == 1
    assert "check digits do not fit" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "valid", "status"), [("S123456789050", True, 0), ("S1", False, 1)])
def test_a_check_reports_as_json(code: str, valid: bool, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", code, "--json"]) == status
    assert json.loads(capsys.readouterr().out)["valid"] is valid


def test_a_label_is_rendered_into_a_file(tube_file: Path, tmp_path: Path, decode: Decode) -> None:
    assert rendered(tube_file, tmp_path / "tube.png") == 0
    assert decode((tmp_path / "tube.png").read_bytes()) == ["S123456789050"]


@pytest.mark.parametrize(("fmt", "start"), [("svg", b"<svg"), ("pdf", b"%PDF"), ("zpl", b"^XA"), ("png", b"\x89PNG")])
def test_each_format_is_what_its_name_says(fmt: str, start: bytes, tube_file: Path, tmp_path: Path) -> None:
    assert rendered(tube_file, tmp_path / "label", fmt=fmt) == 0
    assert (tmp_path / "label").read_bytes().startswith(start)


def test_a_template_there_is_none_of_leaves_with_2(
    tube_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rendered(tube_file, tmp_path / "tube.png", template="no-such-label") == 2
    assert "box, cap-9.5, cryo-24x13" in capsys.readouterr().err


def test_refused_data_leave_no_file(tmp_path: Path, label_data: Data) -> None:
    data = tmp_path / "bad.json"
    data.write_text(json.dumps(label_data(tube_id=mint(Kind.BOX))), encoding="utf-8")
    assert rendered(data, tmp_path / "tube.png") == 1
    assert not (tmp_path / "tube.png").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe\xfa", b"[" * 100_000, b'{"visit": 3}'])
def test_data_that_are_no_label_are_refused_with_a_reason(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    assert rendered(tmp_path / "bad.json", tmp_path / "tube.png") == 1
    assert capsys.readouterr().err.strip()


def test_data_and_label_go_through_a_pipe(label_data: Data, decode: Decode) -> None:
    command = [sys.executable, "-m", "labels", "render", "--template", "tube-50x25", "--data", "-", "-o", "-"]
    data = label_data()
    done = subprocess.run(command, input=json.dumps(data).encode(), capture_output=True, check=True)
    assert decode(done.stdout) == [data["tube_id"]]


def test_a_label_reports_as_json(tube_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "tube.zpl"
    arguments = ["render", "--template", "tube-50x25", "--data", str(tube_file), "--format", "zpl", "-o", str(output)]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == output.stat().st_size


def test_a_missing_data_file_leaves_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rendered(tmp_path / "none.json", tmp_path / "tube.png") == 2
    assert "none.json" in capsys.readouterr().err


def test_fields_given_as_null_are_left_out(tmp_path: Path, label_data: Data) -> None:
    data = tmp_path / "tube.json"
    data.write_text(json.dumps(label_data() | {"collected_at": None}), encoding="utf-8")
    assert rendered(data, tmp_path / "tube.png") == 0
