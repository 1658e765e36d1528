import pytest

from tests.measurements.entries import alert_codes, assessed

LOW = ["70", "70", "70"]


@pytest.mark.parametrize(
    ("systolic", "diastolic", "code"),
    [
        ("200", "80", "hypertensive-expedited"),
        ("201", "80", "hypertensive-immediate"),
        ("180", "80", None),
        ("181", "80", "hypertensive-expedited"),
        ("150", "110", None),
        ("150", "111", "hypertensive-expedited"),
        ("150", "120", "hypertensive-expedited"),
        ("150", "121", "hypertensive-immediate"),
        ("100", "80", None),
        ("99", "80", "hypotensive"),
        ("120", "60", None),
        ("120", "59", "hypotensive"),
    ],
)
def test_two_readings_in_a_row_beyond_a_limit_raise_its_alert(systolic: str, diastolic: str, code: str | None) -> None:
    found = alert_codes(systolic=["120", systolic, systolic], diastolic=["80", diastolic, diastolic])
    assert found == ([code] if code else [])


@pytest.mark.parametrize("systolic", [["210", "120", "210"], ["210", None, "210"], ["120", "120", "210"]])
def test_readings_that_do_not_follow_each_other_raise_none(systolic: list[str | None]) -> None:
    assert alert_codes(systolic=systolic) == []


def test_an_alert_names_the_readings_that_raised_it() -> None:
    (alert,) = assessed(systolic=["210", "205", "150"], diastolic=["80", "80", "80"]).alerts
    assert (alert.code, alert.fields) == ("hypertensive-immediate", ("systolic.1", "systolic.2"))


def test_only_the_most_severe_stands_across_systolic_and_diastolic() -> None:
    assert alert_codes(systolic=["190", "190", "190"], diastolic=["125", "125", "125"]) == ["hypertensive-immediate"]


def test_a_crisis_reading_beside_a_high_one_is_expedited() -> None:
    assert alert_codes(systolic=["210", "185", "150"]) == ["hypertensive-expedited"]


def test_a_low_diastolic_is_not_hidden_by_a_high_systolic() -> None:
    found = alert_codes(systolic=["185", "185", "185"], diastolic=["55", "55", "55"])
    assert found == ["hypertensive-expedited", "hypotensive"]


@pytest.mark.parametrize(
    ("rate", "code"), [("100", None), ("101", "heart-rate-high"), ("60", None), ("59", "heart-rate-low")]
)
def test_two_heart_rates_in_a_row_beyond_a_limit_raise_its_alert(rate: str, code: str | None) -> None:
    assert alert_codes(heart_rate=["70", rate, rate]) == ([code] if code else [])


@pytest.mark.parametrize(("systolic", "is_urgent"), [("90", False), ("89", True)])
def test_a_fast_heart_with_a_systolic_below_90_is_urgent(systolic: str, is_urgent: bool) -> None:
    result = assessed(heart_rate=["110", "110", "110"], systolic=["120", "120", systolic], diastolic=LOW)
    assert ("now" in result.alerts[-1].text.en) is is_urgent


@pytest.mark.parametrize(("ticks", "found"), [([True] * 3, ["irregular-rhythm"]), ([True, True, False], [])])
def test_a_rhythm_irregular_every_time_raises_an_alert(ticks: list[bool], found: list[str]) -> None:
    assert alert_codes(irregular_rhythm=ticks) == found


def test_a_refused_value_raises_no_alert() -> None:
    assert alert_codes(systolic=["120", "310", "320"]) == []
