"""Health o meter and Rice Lake: what each published record means."""

import pytest

from tests.devices.frames import HEALTHOMETER, HEALTHOMETER_MAKER, decoded, kinds, measures

ZEROS = b"\x1bR\x1bI1234567890\x1bW35.500\x1bH0.000\x1bB0.000\x1bT0.000\x1bNc\x1bE"


def record(fields: str, start: str = "\x1b") -> bytes:
    return f"{start}R{fields}\x1bE".encode()


def test_a_metric_record_gives_weight_and_height_as_sent():
    assert measures("healthometer", HEALTHOMETER) == [("weight", "90.98", "kg"), ("height", "178.70", "cm")]


def test_a_height_that_contradicts_the_index_is_left_out_and_the_weight_kept():
    [event] = decoded("healthometer", HEALTHOMETER_MAKER)
    assert event["measures"] == [{"quantity": "weight", "value": "184.5", "unit": "lb"}]
    assert event["flags"] == ["height-contradicts-bmi"]


def test_inches_are_believed_when_the_index_bears_them_out():
    fields = "\x1bW184.5\x1bH73.5\x1bB24.0\x1bNc"
    assert measures("healthometer", record(fields)) == [("weight", "184.5", "lb"), ("height", "73.5", "in")]


def test_inches_without_an_index_are_left_out():
    [event] = decoded("healthometer", record("\x1bW184.5\x1bH73.5\x1bB0.0\x1bNc"))
    assert [measure["quantity"] for measure in event["measures"]] == ["weight"]
    assert event["flags"] == ["height-unit-unproven"]


@pytest.mark.parametrize(("height", "kept"), [("170.9", True), ("169.0", True), ("171.0", False), ("168.9", False)])
def test_a_height_may_differ_from_the_index_by_three_tenths(height: str, kept: bool):
    found = measures("healthometer", record(f"\x1bW72.8\x1bH{height}\x1bB25.2\x1bNm"))
    assert (("height", height, "cm") in found) is kept


def test_a_height_is_never_taken_without_a_weight():
    assert measures("healthometer", record("\x1bW0.0\x1bH172.7\x1bB0.0\x1bNm")) == [("weight", "0.0", "kg")]


def test_zero_height_and_index_give_the_weight_alone():
    assert measures("healthometer", ZEROS) == [("weight", "35.500", "lb")]


def test_a_following_packet_may_begin_with_6r():
    packet = record("\x1bW72.8\x1bNm", start="6")
    assert measures("healthometer", HEALTHOMETER + packet)[-1] == ("weight", "72.8", "kg")


def test_a_rice_lake_answer_keeps_its_digits_without_leading_zeros():
    assert measures("healthometer", record("\x1bW0210.9\x1bNm")) == [("weight", "210.9", "kg")]


def test_a_record_without_a_unit_has_none():
    assert measures("healthometer", record("\x1bW72.8")) == [("weight", "72.8", None)]


@pytest.mark.parametrize("digits", ["0999.9", "999.9", "999.99"])
def test_nines_mean_overload_and_give_no_number(digits: str):
    [event] = decoded("healthometer", record(f"\x1bW{digits}\x1bNc"))
    assert (event["event"], event["code"]) == ("device_error", "overload")


def test_a_subtracted_tare_is_recorded():
    [event] = decoded("healthometer", HEALTHOMETER)
    assert event["flags"] == ["tare:5.7"]


@pytest.mark.parametrize("answer", [b"\x1bO\x1bE", b"\x1bPAHT=10\x1bE", b"\x1bZE4U\x1bE", b"\x1bR\x1bE"])
def test_answers_that_only_acknowledge_print_nothing(answer: bytes):
    assert decoded("healthometer", answer) == []


@pytest.mark.parametrize(
    "fields",
    [
        "\x1bH172.7\x1bNm",
        "\x1bW7A.8\x1bNm",
        "\x1bW72.8\x1bW72.9\x1bNm",
        "\x1bW72.8\x1bNx",
        "\x1bW-72.8\x1bNm",
        "\x1bW72,8\x1bNm",
        "\x1bW\x1bNm",
    ],
)
def test_a_record_that_cannot_be_read_is_refused_whole(fields: str):
    assert kinds("healthometer", record(fields)) == ["malformed"]
