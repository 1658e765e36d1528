"""Codes carry nothing: every digit as likely as another, none following from the code before it or the person's other.

BIOBANK_TEST_CODES says how many are drawn (`make codes` draws a million).
"""

import itertools
import math
import os
from collections import Counter

import pytest

from labels import Kind, mint

COUNT = int(os.environ.get("BIOBANK_TEST_CODES", "20000"))
# One in a hundred thousand draws would be told wrongly: chi square is about normal for its degrees of freedom.
_SIGMAS = 4.3


def _free_digits(code: str) -> str:
    """What is drawn: without the letter before and the two check digits behind."""
    return code[1:-2]


def _strays(seen: Counter[str], cells: int) -> float:
    """How many standard deviations a chi square is above its mean."""
    expected = seen.total() / cells
    missing = (cells - len(seen)) * expected
    square = sum((count - expected) ** 2 / expected for count in seen.values()) + missing
    return (square - (cells - 1)) / math.sqrt(2 * (cells - 1))


@pytest.fixture(scope="module")
def codes() -> list[str]:
    return [_free_digits(mint(Kind.PARTICIPANT)) for _ in range(COUNT)]


def test_every_digit_but_the_first_two_is_as_likely_as_another(codes: list[str]) -> None:
    # No code begins with 99, which is kept for tests; the first two digits are looked at as a pair.
    strays = [_strays(Counter(code[place] for code in codes), 10) for place in range(2, len(codes[0]))]
    assert max(strays) < _SIGMAS
    assert _strays(Counter(code[:2] for code in codes), 99) < _SIGMAS


def test_no_code_follows_from_the_one_before(codes: list[str]) -> None:
    pairs = Counter(a[-2] + b[-2] for a, b in itertools.pairwise(codes))
    risen = sum(a < b for a, b in itertools.pairwise(codes))
    assert _strays(pairs, 100) < _SIGMAS
    # Of independent draws half rise; the variance of rises is a twelfth of their number.
    assert abs(risen - (COUNT - 1) / 2) < _SIGMAS * math.sqrt((COUNT + 1) / 12)


def test_a_persons_codes_tell_nothing_of_each_other(codes: list[str]) -> None:
    others = [_free_digits(mint(Kind.BIOBANK)) for _ in range(COUNT)]
    for place in range(2, len(codes[0])):
        pairs = Counter(a[place] + b[place] for a, b in zip(codes, others, strict=True))
        assert _strays(pairs, 100) < _SIGMAS
