"""Barcode scanners: whichever line end, whole codes only."""

import pytest

from tests.devices.frames import decoded, kinds


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_scan_ends_with_cr_lf_or_both(end: bytes):
    assert decoded("barcode", b"S123456789012" + end) == [{"event": "scan", "text": "S123456789012"}]


def test_a_scan_keeps_its_symbology_prefix():
    assert decoded("barcode", b"]C0S123456789012\r")[0]["text"] == "]C0S123456789012"


def test_two_scans_in_one_piece_are_two():
    assert kinds("barcode", b"S123456789012\r\nP999456789012\r\n") == ["scan", "scan"]


def test_a_scan_without_its_end_is_malformed():
    assert kinds("barcode", b"S123456789012") == ["malformed"]


def test_a_few_stray_characters_are_no_scan():
    assert kinds("barcode", b"S12\r") == ["noise"]


def test_a_code_broken_by_noise_is_no_scan():
    assert kinds("barcode", b"S1234\xff56789012\r") == ["noise"]


def test_a_whole_code_after_noise_is_a_scan():
    assert kinds("barcode", b"\xff\x00\xfeS123456789012\r") == ["noise", "scan"]
