"""Simulated devices speak as the makers' pages say, and our decoders read them."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biobank.devices import registry
from biobank.devices.simulators import stage
from biobank.devices.simulators.play import BadScript, Burst
from biobank.devices.simulators.roster import SIMULATORS
from biobank.devices.simulators.wire import Wire
from tests.devices.frames import SUNTECH, TAIDOC, TAIDOC_DATE, decoded, kinds, measures
from tests.devices.playing import played

MORNING = datetime(2026, 7, 11, 9, 5, tzinfo=UTC)


def sent(name: str, **script: object) -> list[Burst]:
    return list(SIMULATORS[name].device().play(script, MORNING))


def heard_of(name: str, script: dict[str, object]) -> list[bytes]:
    """All a host hears of a device that is asked after every burst."""
    device, polling = SIMULATORS[name].device(), registry.load(name).polling
    heard = []
    for burst in device.play(script, MORNING):
        heard.append(burst.data)
        for question in polling.commands if polling else ():
            heard += [answer.data for answer in device.answer(question, MORNING)]
    return heard


def test_the_scale_says_the_locked_weight_once_a_second_then_zero():
    bursts = sent("healthometer", weight="72.8", height="172.7")
    assert [burst.after for burst in bursts] == [0, 1, 1, 1, 1]
    assert bursts[0].data == b"\x1bR\x1bI0000000000\x1bW72.8\x1bH172.7\x1bB24.4\x1bT0.0\x1bNm\x1bE"
    assert bursts[1].data == b"6R\x1bI0000000000\x1bW72.8\x1bH172.7\x1bB24.4\x1bT0.0\x1bNm\x1bE"


def test_an_imperial_scale_has_an_index_that_bears_out_its_inches():
    frame = sent("healthometer", weight="160.5", height="68.0", unit="lb")[0].data
    assert measures("healthometer", frame) == [("weight", "160.5", "lb"), ("height", "68.0", "in")]


def test_the_body_composition_scale_sends_one_line_and_its_blip():
    bursts = sent("tanita", weight="82.7", height="170", blip=True)
    assert kinds("tanita", *(burst.data for burst in bursts)) == ["reading", "noise"]
    assert bursts[1].after == 0.1


def test_the_kiosk_sends_55_bytes_of_format_5():
    [burst] = sent("omron-hbp9030", systolic="120", diastolic="80", pulse="72")
    assert burst.data == b"2026,07,11,09,05,                    ,0,120,080,072,0\r\n"


def test_the_kiosks_error_has_no_values():
    [burst] = sent("omron-hbp9030", error=7)
    assert burst.data == b"2026,07,11,09,05,                    ,7,   ,   ,   ,0\r\n"


def test_the_scanner_without_acknowledgement_sends_again():
    assert [burst.data for burst in sent("barcode", code="S1", unacknowledged=True, suffix="lf")] == [b"S1\n"] * 2


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_people_made_up_by_chance_are_all_read(name: str):
    scripts = [json.loads(line) for line in stage.people(SIMULATORS[name], 30, seed=3)]
    assert all({"reading", "scan"} & set(kinds(name, *heard_of(name, script))) for script in scripts)


def test_the_same_seed_makes_the_same_people():
    simulator = SIMULATORS["omron-hbp9030"]
    assert list(stage.people(simulator, 5, seed=1)) == list(stage.people(simulator, 5, seed=1))


def test_a_made_up_code_has_check_digits_of_mod_97_10():
    code = str(SIMULATORS["barcode"].someone(random.Random(5))["code"])
    assert int(f"{int(code[0], 36)}{code[1:]}") % 97 == 1


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("healthometer", {}),
        ("healthometer", {"weight": "heavy", "height": "170"}),
        ("omron-hbp9030", {"systolic": "1200", "diastolic": "80", "pulse": "72"}),
        ("barcode", {"code": "S1", "suffix": "tab"}),
        ("tanita", {"raw": "xyz"}),
    ],
)
def test_a_line_that_cannot_be_played_shows_an_example(name: str, script: dict[str, str]):
    with pytest.raises(BadScript, match=r"Example: \{"), Wire(baud=9600, wait=lambda _: None) as wire:
        stage.Stage(SIMULATORS[name], wire).perform(json.dumps(script))


@pytest.mark.parametrize("line", ["{", "[]", "7"])
def test_a_line_that_is_no_object_shows_an_example(line: str):
    with pytest.raises(BadScript, match="Example: "), Wire(baud=9600, wait=lambda _: None) as wire:
        stage.Stage(SIMULATORS["tanita"], wire).perform(line)


def test_the_wire_keeps_the_pace_of_the_line(tmp_path: Path):
    waits: list[float] = []
    with Wire(baud=9600, wait=waits.append, link=tmp_path / "scale") as wire:
        wire.send([Burst(b"x" * 43)])
    assert sum(waits) == pytest.approx(0.045, abs=0.001)


def test_the_wire_takes_its_link_away(tmp_path: Path):
    link = tmp_path / "scale"
    with Wire(baud=9600, wait=lambda _: None, link=link):
        assert link.is_symlink()
    assert not link.is_symlink()


def test_silence_and_raw_bytes_can_be_asked_for():
    waits: list[float] = []
    with Wire(baud=9600, wait=waits.append) as wire:
        played = [
            stage.Stage(SIMULATORS["tanita"], wire).perform(line) for line in ('{"pause": 6}', '{"raw": "00ff"}', "\n")
        ]
    assert (waits[0], played) == (6.0, [True, True, False])


def test_the_decoded_time_of_a_simulated_line_is_the_moment_given():
    [event] = decoded("tanita", sent("tanita", weight="82.7")[0].data)
    assert event["device_time"] == "2026-07-11T09:05"


@pytest.mark.parametrize("fault", ["noise", "split", "glue", "double", "reboot"])
@pytest.mark.parametrize("name", ["tanita", "healthometer", "and", "omron-hbp9030", "healthometer-binary", "suntech"])
def test_a_fault_on_the_way_loses_no_reading(name: str, fault: str):
    script = {"weight": "72.8", "height": "172.7", "systolic": "120", "diastolic": "80", "pulse": "72"}
    whole = [burst.data for burst in played(name, **script)]
    spoilt = [burst.data for burst in played(name, fault=fault, **script)]
    assert set(measures(name, *whole)) == set(measures(name, *spoilt))


def test_a_fault_there_is_not_shows_those_there_are():
    with pytest.raises(BadScript, match="no fault 'rain', but double, glue, noise"):
        played("tanita", weight="72.8", fault="rain")


def test_an_unlocked_weight_climbs_before_it_locks():
    assert [kinds("and", burst.data)[0] for burst in sent("and", weight="72.5", unlocked=True, frames=2)] == [
        *["unstable"] * 4, *["reading"] * 3,
    ]  # fmt: skip


def test_the_chair_scales_packet_is_the_makers():
    assert sent("healthometer-binary", weight="123.4")[0].data == bytes.fromhex("0280D7E43132332E340D")


def test_the_gauges_line_is_the_makers():
    assert sent("mitutoyo", length="0.123")[0].data == b"01A+0000.123\r"


def test_the_modules_result_is_the_worked_example():
    device = SIMULATORS["suntech"].device()
    script = {"systolic": 115, "diastolic": 74, "pulse": 85, "mean": 88}
    assert [burst.data.hex() for burst in device.play(script, MORNING)] == ["3e044b73"]
    assert [burst.data for burst in device.answer(bytes.fromhex("3a7903004a"), MORNING)] == [SUNTECH]


def test_the_meters_record_is_the_published_one():
    device = SIMULATORS["taidoc"].device()
    list(device.play({"systolic": 120, "diastolic": 80, "pulse": 72}, MORNING))
    questions = [bytes.fromhex("512500000001a31a"), bytes.fromhex("512600000001a31b")]
    assert [burst.data for one in questions for burst in device.answer(one, MORNING)] == [TAIDOC_DATE, TAIDOC]


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("tanita-wb", b"DR\r\n", b"S      0.0kg\r\n"),
        ("sma", b"\nW\r", b"\nZ1G         0.0kg \r"),
        ("sma", b"\nX\r", b"\n?\r"),
        ("detecto", b"\x05", b"     0.0 KG G CZ\r"),
        ("mt-sics", b"S\r\n", b"S S        0.0 kg\r\n"),
        ("mt-sics", b"HELLO\r\n", b"ES\r\n"),
        ("mt-sics", b"I4\r\n", b'I4 A "1126493049"\r\n'),
    ],
)
def test_an_asked_scale_answers_whole_questions_in_whatever_pieces(name: str, question: bytes, answer: bytes):
    device = SIMULATORS[name].device()
    heard = [burst.data for byte in question for burst in device.answer(bytes([byte]), MORNING)]
    assert heard == [answer]
