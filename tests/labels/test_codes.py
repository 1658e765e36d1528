"""Codes: drawing, checking, and every slip of a finger or a scanner."""

import itertools
import string

import pytest

from labels import BadCode, Kind, mint, parse
from labels.codes import check_digits, normalise

CODES = [mint(kind) for kind in Kind for _ in range(20)]
TUBE = "S123456789050"


def accepted(text: str) -> bool:
    try:
        parse(text)
    except BadCode:
        return False
    return True


@pytest.mark.parametrize(("body", "digits"), [("794", "44"), ("S1234567890", "50"), ("P1234567890", "06")])
def test_check_digits_are_those_of_iso_7064_mod_97_10(body: str, digits: str) -> None:
    assert check_digits(body) == digits


def test_check_digits_count_letters_as_an_iban_does() -> None:
    # The specimen IBAN GB82 WEST 1234 5698 7654 32: the check digits stand last once its head is moved to the end.
    assert check_digits("WEST12345698765432GB") == "82"


@pytest.mark.parametrize("kind", list(Kind))
def test_a_drawn_code_is_whole_and_of_its_kind(kind: Kind) -> None:
    code = parse(mint(kind), kind)
    assert code.kind is kind
    assert len(code.text) == 13


def test_a_code_is_read_in_groups() -> None:
    assert parse(TUBE).grouped == "S 12345 67890 50"


def test_codes_never_begin_their_digits_with_99() -> None:
    assert not any(mint(Kind.TUBE)[1:3] == "99" for _ in range(5000))


def test_codes_are_drawn_at_random() -> None:
    assert len({mint(Kind.TUBE) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("code", CODES)
def test_any_one_character_wrong_is_refused(code: str) -> None:
    changed = (
        code[:place] + character + code[place + 1 :]
        for place in range(len(code))
        for character in string.ascii_letters + string.digits + string.punctuation.replace("-", "")
        if character != code[place]
    )
    assert not [text for text in changed if _differs(text, code) and accepted(text)]


@pytest.mark.parametrize("code", CODES)
def test_any_two_digits_swapped_are_refused(code: str) -> None:
    swapped = []
    for one, other in itertools.combinations(range(1, len(code)), 2):
        characters = list(code)
        characters[one], characters[other] = characters[other], characters[one]
        swapped.append("".join(characters))
    assert not [text for text in swapped if text != code and accepted(text)]


@pytest.mark.parametrize("code", CODES[:20])
def test_any_one_character_lost_or_doubled_is_refused(code: str) -> None:
    lost = [code[:place] + code[place + 1 :] for place in range(len(code))]
    doubled = [code[:place] + code[place] + code[place:] for place in range(len(code))]
    assert not any(accepted(text) for text in lost + doubled)


@pytest.mark.parametrize(
    "scan",
    [
        "s123456789050",
        "S 12345 67890 50",
        "s-12345-67890-50",
        "]C0S123456789050\r\n",
        "]C1S123456789050\r",
        "]d1S123456789050\n",
        "]d2S123456789050\t",
        "]Q1S123456789050",
        "  S123456789050  ",
        "S\u00a012345\u201167890 50",
        "SI2345678905O",
        "sl23456789o5o",
    ],
)
def test_what_scanners_and_people_add_is_taken_away(scan: str) -> None:
    assert parse(scan).text == TUBE


@pytest.mark.parametrize(
    ("scan", "reason"),
    [
        ("", "No code was read"),
        ("\r\n", "No code was read"),
        ("S12345678905", "too few characters: 12"),
        ("S1234567890500", "too many characters: 14"),
        ("S123456789051", "check digits"),
        ("0123456789050", "not one of our codes"),
        ("Z123456789050", "not one of our codes"),
        ("S12345A789050", "Character 7 of the code must be a digit"),
        ("S123456789050\rS123456789050\r", "Two scans ran together"),
        ("]C0S123456789050]C0S123456789050", "Two scans ran together"),
        ("Sé23456789050", "keyboard layouts"),
        ("S१२३४५६७८९०५०", "only one letter and digits"),
        ("ſ123456789050", "only one letter and digits"),
    ],
)
def test_a_refusal_says_why(scan: str, reason: str) -> None:
    with pytest.raises(BadCode, match=reason):
        parse(scan)


def test_a_refusal_never_repeats_what_was_scanned() -> None:
    with pytest.raises(BadCode) as refused:
        parse("MILLER JANE 1970-01-01")
    assert "MILLER" not in str(refused.value)


def test_a_code_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(BadCode, match=r"This is a tube code.* begins with X"):
        parse(TUBE, Kind.BOX)


@pytest.mark.parametrize("name", ["S", "s", "tube", "TUBE", " Tube "])
def test_a_kind_is_called_by_letter_or_word(name: str) -> None:
    assert Kind.named(name) is Kind.TUBE


def test_an_unknown_kind_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"S \(tube\)"):
        Kind.named("vial")


def _differs(text: str, code: str) -> bool:
    # Writing O for 0, I or L for 1, or a lower-case letter is the same code, not a wrong one.
    return not text.isascii() or normalise(text) != code
