"""Every rule of the visit protocol's first section, and the tests that hold it."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RULES = {
    "1.1 a value must be above zero": ["a_value_must_be_above_zero"],
    "1.1 a value is refused from its hard limit on": [
        "a_value_is_refused_from_its_limit_on", "a_diastolic_is_refused_from_its_limit_on",
    ],
    "1.1 a warning never blocks": ["a_value_that_warns_is_kept_and_does_not_keep_a_visit_from_being_complete"],
    "1.1 a limit's own value does not warn": [
        "a_reading_warns_beyond_its_range_and_not_at_it", "a_diastolic_warns_beyond_its_range_and_not_at_it",
    ],
    "1.1 all arithmetic is decimal": [
        "a_mean_depends_neither_on_order_nor_on_the_decimal_context",
        "reading_a_circumference_never_gains_a_float_error",
    ],
    "1.1 the arm is right or left": ["a_place_that_is_not_on_the_list_is_refused"],
    "1.1 pressures and heart rate are whole numbers": ["blood_pressure_is_kept_in_whole_numbers"],
    "1.1 the others keep one decimal": ["no_more_than_one_decimal_is_kept"],
    "1.1 diastolic below the same replicate's systolic": [
        "a_diastolic_must_be_below_the_systolic_of_its_reading", "a_diastolic_is_compared_with_no_other_reading",
    ],
    "1.1 irregular rhythm, all three ticked": ["a_rhythm_irregular_every_time_raises_an_alert"],
    "1.1 measured by hand is a tick a replicate": ["every_reading_can_be_marked_as_measured_by_hand"],
    "1.1 pregnant: hip and waist are not measured": ["a_pregnant_participant_is_complete_without_hip_and_waist"],
    "1.1 wheelchair user: hip and waist are not measured": ["a_wheelchair_user_needs_neither_height_nor_weight"],
    "1.1 height in metres, feet or inches": ["a_height_in_another_unit_is_recognised"],
    "1.1 weight below 30 or above 199.5": ["a_rare_weight_is_to_be_verified"],
    "1.1 weight before pregnancy only if pregnant": [
        "a_weight_before_pregnancy_asks_for_a_pregnancy", "a_weight_before_pregnancy_warns_like_a_weight",
    ],
    "1.1 hip and waist below 50 or above 150": ["a_rare_circumference_is_to_be_verified"],
    "1.1 notes hold 10,000 characters": ["notes_hold_ten_thousand_characters"],
    "1.1 notes name no participant": [
        "notes_with_what_the_vault_knows_warn", "a_note_with_the_participant_s_name_is_refused",
    ],
    "1.1 BMI, one decimal, half up": ["the_body_mass_index_is_rounded_half_up"],
    "1.1 BMI refused below 5 or above 125": ["a_body_mass_index_outside_5_to_125_is_refused"],
    "1.1 BMI warns below 15 or above 50": ["a_body_mass_index_outside_15_to_50_warns"],
    "1.1 readings a minute apart": ["the_next_pressure_waits_a_minute", "the_end_of_the_pause_is_news"],
    "1.1 cuffs by arm circumference": ["the_cuffs_cover_every_arm_from_22_to_52_cm"],
    "1.2 pressures: the mean of the second and third": ["the_first_blood_pressure_never_counts"],
    "1.2 one of the two stands alone and says so": [
        "one_of_the_last_two_stands_alone_and_says_so", "a_mean_of_one_reading_says_so",
        "there_is_no_mean_of_the_first_alone",
    ],
    "1.2 systolic and diastolic independently": ["systolic_and_diastolic_have_their_means_independently"],
    "1.2 a third circumference beyond 1.0 cm": [
        "a_third_reading_is_required_when_the_first_two_differ_by_more_than_one",
    ],
    "1.2 the four pairs that binary arithmetic gets wrong": [
        "no_two_readings_one_centimetre_apart_ask_for_a_third",
        "four_pairs_one_centimetre_apart_that_floats_hold_for_more_ask_for_no_third",
    ],
    "1.2 the two closest of three, equidistant all": [
        "a_circumference_is_the_mean_of_the_two_closest", "no_pair_lies_closer_than_the_two_that_are_taken",
    ],
    "1.3 two consecutive replicates beyond a limit": [
        "two_readings_in_a_row_beyond_a_limit_raise_its_alert", "readings_that_do_not_follow_each_other_raise_none",
    ],
    "1.3 heart rate": ["two_heart_rates_in_a_row_beyond_a_limit_raise_its_alert",
                       "a_fast_heart_with_a_systolic_below_90_is_urgent"],
    "1.3 only the most severe stands": ["only_the_most_severe_stands_across_systolic_and_diastolic"],
    "1.3 stored with who, when and what was done": ["two_high_readings_raise_an_alert_that_stays_until_acted_on"],
    "1.3 not final past an unacknowledged alert": ["finishing_is_refused_past_an_alert"],
    "1.4 every measure has its codes": ["every_code_stands_for_a_value_that_is_not_there",
                                        "a_code_of_another_measure_is_refused"],
    "1.4 closing codes clear": ["a_closing_code_refuses_a_value_beside_it",
                                "a_modification_that_closes_takes_its_values_back"],
    "1.4 open codes let a value stand": ["an_open_code_lets_a_value_stand_beside_it"],
    "1.4 a pressure's code closes its three inputs": [
        "a_refused_blood_pressure_closes_the_three_inputs_of_its_reading",
    ],
    "1.4 cannot balance clears both weights": ["a_code_that_cannot_balance_closes_both_weights"],
    "1.4 other needs a note": ["other_needs_a_note"],
    "1.4 wheelchair wins over pregnancy on weight": ["a_wheelchair_wins_over_pregnancy_on_weight"],
    "1.4 contradictions are refused": ["a_waist_measured_all_the_same_is_a_contradiction",
                                       "a_code_that_the_answers_deny_is_a_contradiction"],
    "1.4 complete: a value or a modification everywhere": ["an_ordinary_visit_is_complete",
        "an_empty_entry_misses_every_measure_but_a_third_circumference"],
    "1.4 one action fills the rest": ["one_action_fills_all_that_is_missing",
                                      "the_rest_is_filled_with_nothing_but_refusal_or_emergency"],
    "1.5 what was typed stays beside the value": ["what_was_typed_is_kept_beside_the_value"],
    "1.5 exact factors": ["a_measure_is_converted_exactly",
                          "every_tenth_of_a_pound_lands_on_the_nearest_tenth_of_a_kilogram"],
    "1.5 one decimal, half up": ["rounding_is_half_up_to_the_tenth", "feet_and_inches_are_rounded_once"],
    "1.6 an amendment is a new version": ["an_amendment_points_at_what_it_amends",
                                          "the_old_version_stays_readable_as_it_was"],
    "1.6 cancel and restore are events with a reason": ["each_event_says_who_where_when_and_why",
        "a_cancelled_record_counts_for_nothing_until_it_is_restored"],
    "1.6 cancelling asks for the typed word": ["cancelling_needs_the_word_and_a_reason_from_the_list"],
    "1.6 nothing is overwritten": ["the_database_refuses_to_change_what_happened",
                                   "the_database_refuses_to_change_an_entry"],
    "1.6 an unknown time is not invented": ["what_the_device_did_not_send_is_not_invented"],
    "1.7 the codes of an export": ["a_document_is_valid_by_two_validators",
                                   "every_quantity_is_in_the_unit_of_its_code",
                                   "a_panel_code_never_stands_alone_for_a_waist"],
    "1.7 the codes an import takes": ["the_program_s_document_is_read_in_any_order",
                                      "what_is_not_known_is_refused_by_name"],
    "1 the protocol is data with a version": ["a_new_version_is_a_file_and_a_row_and_no_code"],
}  # fmt: skip


@pytest.fixture(scope="module")
def written() -> set[str]:
    trees = [ast.parse(file.read_text()) for file in HERE.glob("test_*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_has_its_tests(rule: str, written: set[str]) -> None:
    assert {f"test_{name}" for name in RULES[rule]} <= written
