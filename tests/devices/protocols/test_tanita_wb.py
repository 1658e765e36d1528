"""Older Tanita scales: three headers, six characters of weight, and what an 8N1 port sees of them."""

from tests.devices.frames import TANITA_OLD, decoded, kinds, measures, seven_even


def test_a_stable_answer_is_a_stable_weight():
    [event] = decoded("tanita-wb", TANITA_OLD)
    assert event["measures"] == [{"quantity": "weight", "value": "75.0", "unit": "kg"}]
    assert event["stable"] is True


def test_the_manuals_unstable_answer_is_shown_and_not_read():
    [event] = decoded("tanita-wb", b"SD    75.0kg\r\n")
    assert (event["event"], event["measures"][0]["value"]) == ("unstable", "75.0")


def test_overload_is_an_error_without_a_number():
    [event] = decoded("tanita-wb", b"SI   ---.-kg\r\n")
    assert (event["event"], event["code"]) == ("device_error", "overload")


def test_pounds_are_kept_as_sent():
    assert measures("tanita-wb", b"S    165.3lb\r\n") == [("weight", "165.3", "lb")]


def test_the_answer_of_the_bmi_mode_is_refused_by_name():
    assert kinds("tanita-wb", b"S     75.0kg 180.0cm 23.1\r\n"[:24] + b"\r\n") == ["unsupported-format"]


def test_an_answer_without_a_clear_weight_is_refused():
    assert kinds("tanita-wb", b"S   7 5.0 kg\r\n", b"S     75.0st\r\n", b"SX    75.0kg\r\n") == ["malformed"] * 3


def test_the_published_bytes_of_wrong_settings_name_the_right_ones():
    read_as_8n1 = bytes.fromhex("53a0a0a0a0a0b7352e30ebe78d0a")
    [event] = decoded("tanita-wb", read_as_8n1)
    assert (seven_even(b"S     75.0kg\r\n"), event["reason"]) == (read_as_8n1, "settings")
    assert "looks like 7E1" in event["message"]
