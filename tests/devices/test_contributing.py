"""The device of CONTRIBUTING.md is a real one, in the lines it promises."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from biobank.devices import registry
from biobank.devices.capture import Capture
from biobank.devices.decoding import Decoder, decode_stream
from biobank.devices.protocol import DeviceProtocol
from biobank.devices.recognising import Recogniser
from biobank.stations import wizard

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"
LINE = b"Weight:  80.00 kg\r\n"


def example() -> str:
    """The code under the heading that promises twenty lines."""
    section = GUIDE.read_text(encoding="utf-8").split("## Add a device in 20 lines")[1].split("\n## ")[0]
    return re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]


@pytest.fixture
def protocol() -> DeviceProtocol:
    names: dict[str, object] = {}
    exec(compile(example(), GUIDE.name, "exec"), names)
    made = names["PROTOCOL"]
    assert isinstance(made, DeviceProtocol)
    return made


def test_the_device_takes_no_more_than_twenty_lines():
    assert len([line for line in example().splitlines() if line]) <= 20


def test_the_device_reads_its_makers_line(protocol: DeviceProtocol):
    [event] = decode_stream(protocol, [LINE])
    assert event.as_json()["measures"] == [{"quantity": "weight", "value": "80.00", "unit": "kg"}]


def test_the_device_is_captured_and_to_be_confirmed(protocol: DeviceProtocol):
    [heard] = Decoder(protocol).feed(LINE)
    [captured] = Capture(protocol.manner).take(heard, 0.0)
    assert (captured.event.flags, captured.raw) == (("confirm",), LINE.rstrip())


def test_the_device_refuses_what_it_does_not_know(protocol: DeviceProtocol):
    heard = [event.as_json()["event"] for event in decode_stream(protocol, [b"Height: 183 cm\r\n", b"\xff\x00", LINE])]
    assert heard == ["rejected", "rejected", "reading"]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The device in a package of its own, as pip would lay it down."""
    about = tmp_path / "adam_muw-1.0.dist-info"
    about.mkdir()
    (tmp_path / "adam_muw.py").write_text(example())
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: adam-muw\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\nadam-muw = adam_muw:PROTOCOL\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry._found.cache_clear()
    yield
    registry._found.cache_clear()


@pytest.mark.usefixtures("installed")
def test_the_device_in_a_package_of_its_own_is_recognised_and_can_be_chosen():
    ear = Recogniser()
    ear.feed(LINE * 3)
    assert [guess["protocol"] for guess in ear.guesses()] == ["adam-muw"]
    assert ("adam-muw", "Adam MUW medical scale") in [kind[:2] for kind in wizard.kinds("")]
