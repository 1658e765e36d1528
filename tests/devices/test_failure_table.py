"""Every row of the devices reference's table of failures (5.5), and the test that gives its answer."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROWS = {
    "random bytes, 1 MB": "a_megabyte_of_random_bytes_gives_no_reading_and_bounded_memory_and_the_next_frame_is_read",
    "partial frame then silence": "a_partial_frame_then_silence_is_dropped_and_told_and_never_completed",
    "frame split at every byte position": "a_frame_split_at_every_byte_gives_the_same_reading",
    "two frames glued; frame + half frame": "two_frames_glued_are_two_and_half_a_frame_is_kept",
    "junk after a frame": "junk_after_a_frame_is_counted_and_the_reading_kept",
    "wrong checksum": "a_wrong_checksum_is_refused_and_never_repaired",
    "one bit flipped in an un-checksummed frame": "one_bit_flipped_in_a_frame_without_checksum_is_outvoted",
    "parity noise / 7E1 read as 8N1": "seven_even_read_as_eight_none_names_the_setting_and_gives_no_reading",
    "over-long line without terminator": "a_line_without_an_end_is_discarded_at_a_limit",
    "cable unplugged mid-frame": "a_cable_unplugged_in_mid_frame_leaves_nothing_to_glue",
    "device reboot": "a_restarting_devices_banner_and_zeros_are_not_weights",
    "wrong driver bound": "the_wrong_driver_sees_no_frame_and_changes_to_no_other",
    "same frame twice": "a_packet_sent_twice_is_one_reading_and_counted",
    "1 Hz repetition of one weight": "one_weight_repeated_for_half_a_minute_after_the_person_left_is_one_reading",
    "two people with the same weight": "two_people_of_one_weight_are_two_readings_when_the_scale_was_empty_between",
    "RECALL": "a_recalled_weight_is_never_a_reading",
    "old memory record": "a_memory_record_older_than_our_first_look_is_refused",
    "reading with no open window": "a_reading_with_no_open_window_is_kept_unclaimed_and_given_to_nobody",
    "unit change lb<->kg mid-stream": "a_change_of_unit_restarts_the_plateau_and_nothing_is_averaged",
    "wrong unit configured": "pounds_called_kilograms_are_found_by_the_index_of_the_frame",
    "overload": "overload_is_an_explicit_error_and_no_number",
    "unstable": "an_unstable_weight_is_shown_and_never_kept",
    "device clock wrong": "a_device_whose_clock_is_wrong_is_flagged_and_both_times_are_kept",
    "DIA >= SYS, pulse 0, SYS 0": "a_pressure_that_cannot_be_is_refused_with_its_reason",
    "another process holds the port": "a_port_held_by_another_program_is_busy_and_is_tried_again",
    "port vanishes and returns under another name": "a_port_that_comes_back_under_another_name_is_found_by_its_path",
    "two service processes": "a_second_station_refuses_to_start",
    "comma or quote inside an ID": "commas_quotes_and_foreign_letters_in_an_identifier_are_refused_and_never_kept",
    "printer silent": "a_silent_printer_is_told_to_check_its_media_and_the_label_is_not_sent",
}


@pytest.fixture(scope="module")
def written() -> set[str]:
    trees = [ast.parse((HERE / name).read_text()) for name in ("test_failing_bytes.py", "test_failing_desks.py")]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_the_row_has_a_test(row: str, written: set[str]):
    assert f"test_{ROWS[row]}" in written
