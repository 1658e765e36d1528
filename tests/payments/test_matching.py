"""Matching: only a whole reference with the exact amount confirms, and never twice."""

from collections import Counter
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.payments.matching import ExceptionKind, MatchRule, Transfer, match
from biobank.payments.statements import StatementLine

DAY = date(2026, 11, 2)
NUMBERS = count(1)


def line(text="", *, reference="", cents=-2500, day=DAY):
    return StatementLine(f"line-{next(NUMBERS)}", day, text, reference, cents)


def transfer(reference, *, cents=-2500, day=DAY):
    return Transfer(f"transfer-{next(NUMBERS)}", reference, cents, day)


@pytest.mark.parametrize(
    "text",
    ["BB-000001-1", "Reward order BB-000001-1 USD", "(BB-000001-1)", "ref:bb-000001-1.", "x,BB-000001-1;BB-000001-1"],
)
def test_a_whole_reference_and_the_exact_amount_confirm(text):
    found = match([line(text)], [transfer("BB-000001-1")])
    assert [pair.rule for pair in found.confirmed] == [MatchRule.REFERENCE]
    assert (found.unmatched_lines, found.unmatched_transfers) == ((), ())


def test_a_reference_in_its_own_column_confirms():
    assert len(match([line("Reward", reference="BB-000001-1")], [transfer("BB-000001-1")]).confirmed) == 1


@pytest.mark.parametrize(
    "text", ["BB-000001-11", "ABB-000001-1", "BB-000001-1-2", "BB-000001", "BB-000001-1_x", "BB 000001 1"]
)
def test_a_part_of_a_reference_confirms_nothing(text):
    assert match([line(text)], [transfer("BB-000001-1")]).confirmed == ()


def test_another_amount_is_an_exception_with_its_difference():
    found = match([line("BB-000001-1", cents=-2600)], [transfer("BB-000001-1")])
    assert [(item.kind, item.difference_cents) for item in found.exceptions] == [(ExceptionKind.AMOUNT_DIFF, -100)]
    assert (found.confirmed, found.suggested) == ((), ())


def test_money_coming_in_does_not_confirm_money_going_out():
    assert match([line("BB-000001-1", cents=2500)], [transfer("BB-000001-1")]).confirmed == ()


def test_two_lines_of_one_reference_are_left_to_a_person():
    found = match([line("BB-000001-1"), line("BB-000001-1")], [transfer("BB-000001-1")])
    assert [len(group.lines) for group in found.ambiguous] == [2]
    assert (found.confirmed, found.suggested) == ((), ())


def test_two_lines_of_one_reference_are_left_to_a_person_even_if_one_amount_is_right():
    found = match([line("BB-000001-1"), line("BB-000001-1", cents=-1)], [transfer("BB-000001-1")])
    assert (len(found.ambiguous), found.confirmed) == (1, ())


def test_a_line_with_two_references_is_left_to_a_person():
    found = match([line("BB-1-1 BB-2-1"), line("BB-2-1")], [transfer("BB-1-1"), transfer("BB-2-1")])
    assert {group.reference for group in found.ambiguous} == {"BB-1-1", "BB-2-1"}
    assert found.confirmed == ()


def test_two_transfers_of_one_reference_are_left_to_a_person():
    found = match([line("BB-1-1")], [transfer("BB-1-1"), transfer("bb-1-1")])
    assert [len(group.transfers) for group in found.ambiguous] == [2]


@pytest.mark.parametrize(("days", "suggested"), [(0, 1), (3, 1), (-3, 1), (4, 0), (-4, 0)])
def test_amount_and_date_alone_only_suggest_within_three_days(days, suggested):
    found = match([line("Reward", day=DAY + timedelta(days=days))], [transfer("BB-1-1")])
    assert (len(found.suggested), found.confirmed) == (suggested, ())
    assert len(found.unmatched_lines) == len(found.unmatched_transfers) == 1 - suggested


@pytest.mark.parametrize(("lines", "transfers"), [(2, 1), (1, 2), (2, 2)])
def test_amount_and_date_suggest_nothing_unless_unique_both_ways(lines, transfers):
    found = match([line() for _ in range(lines)], [transfer(f"BB-{n}-1") for n in range(transfers)])
    assert (found.suggested, len(found.unmatched_lines), len(found.unmatched_transfers)) == ((), lines, transfers)


def test_the_first_and_last_days_of_the_calendar_can_be_matched():
    found = match(
        [line(day=date.min), line(day=date.max)], [transfer("A-1", day=date.min), transfer("B-1", day=date.max)]
    )
    assert len(found.suggested) == 2


def test_ten_thousand_equal_payments_are_each_found():
    days = [DAY + timedelta(days=n % 365) for n in range(10_000)]
    lines = [line(f"Reward order BB-{n:06}-1 USD", day=day) for n, day in enumerate(days) if n % 10]
    found = match(
        lines + [line(day=day) for day in days[:500]], [transfer(f"BB-{n:06}-1", day=d) for n, d in enumerate(days)]
    )
    assert len(found.confirmed) == 9_000
    assert all(pair.transfer.reference in pair.line.text for pair in found.confirmed)
    assert (len(found.unmatched_lines), len(found.unmatched_transfers)) == (500, 1_000)


REFERENCES = st.sampled_from(["BB-1-1", "BB-1-11", "bb-1-1", "BB-2-1", "X_3"])
WORDS = st.lists(REFERENCES | st.sampled_from(["Reward", "BB", "-1", "BB-1-1x"]), max_size=3).map(" ".join)
AMOUNTS = st.sampled_from([-2500, -2501, 2500])
DAYS = st.integers(0, 12).map(lambda days: DAY + timedelta(days=days))
LINES = st.lists(st.builds(lambda text, cents, day: line(text, cents=cents, day=day), WORDS, AMOUNTS, DAYS), max_size=8)
TRANSFERS = st.lists(
    st.builds(lambda ref, cents, day: transfer(ref, cents=cents, day=day), REFERENCES, AMOUNTS, DAYS), max_size=8
)


@given(LINES, TRANSFERS)
def test_no_wrong_amount_is_ever_confirmed_or_suggested(lines, transfers):
    found = match(lines, transfers)
    assert all(pair.line.amount_cents == pair.transfer.amount_cents for pair in (*found.confirmed, *found.suggested))
    assert all(pair.transfer.reference.casefold() in pair.line.text.casefold().split() for pair in found.confirmed)


@given(LINES, TRANSFERS)
def test_every_line_and_every_transfer_has_at_most_one_partner(lines, transfers):
    found = match(lines, transfers)
    wrong = [pair for pair in found.exceptions if pair.kind is ExceptionKind.AMOUNT_DIFF]
    pairs = [*found.confirmed, *found.suggested, *wrong]
    partners = Counter(pair.line.line_key for pair in pairs) + Counter(pair.transfer.key for pair in pairs)
    assert set(partners.values()) <= {1}


@given(LINES, TRANSFERS)
def test_no_line_and_no_transfer_is_lost_or_in_two_places(lines, transfers):
    found = match(lines, transfers)
    wrong = [pair for pair in found.exceptions if pair.kind is ExceptionKind.AMOUNT_DIFF]
    pairs = [*found.confirmed, *found.suggested, *wrong]
    unclear_lines = {item.line_key for group in found.ambiguous for item in group.lines}
    unclear_transfers = {item.key for group in found.ambiguous for item in group.transfers}
    placed = [
        *(pair.line.line_key for pair in pairs),
        *unclear_lines,
        *(pair.line.line_key for pair in found.exceptions if pair.kind is ExceptionKind.RETURNED),
        *(item.line_key for item in found.unmatched_lines),
    ]
    held = [
        *(pair.transfer.key for pair in pairs),
        *unclear_transfers,
        *(item.key for item in found.unmatched_transfers),
    ]
    assert Counter(placed) == Counter(item.line_key for item in lines)
    assert Counter(held) == Counter(item.key for item in transfers)


@given(LINES, TRANSFERS, st.randoms())
def test_the_order_of_lines_and_transfers_does_not_matter(lines, transfers, random):
    first = match(lines, transfers)
    random.shuffle(lines)
    random.shuffle(transfers)
    second = match(lines, transfers)
    assert {(p.line.line_key, p.transfer.key) for p in first.confirmed} == {
        (p.line.line_key, p.transfer.key) for p in second.confirmed
    }
