"""Codes on labels: a letter for the kind, ten random digits and two check digits."""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

DIGITS = 10
LENGTH = 1 + DIGITS + 2


class BadCode(ValueError):
    """A code that cannot be taken; its text tells a clerk why and what to do next, and never repeats what was read.

    `template` holds `%(name)s` places that `words` fill, so that it can be translated first.
    """

    def __init__(self, message: str, **words: object) -> None:
        super().__init__(message % words if words else message)
        self.template, self.words = message, words


class Kind(StrEnum):
    """What a code stands for; the value is its first letter."""

    PARTICIPANT = "P"
    BIOBANK = "B"
    FINANCE = "F"
    TUBE = "S"
    COLLECTION = "C"
    BOX = "X"
    SHIPMENT = "H"
    KIT = "K"
    PLACE = "L"
    TEST = "T"

    @property
    def word(self) -> str:
        """The kind as a clerk says it, such as `tube`."""
        return self.name.lower()

    @classmethod
    def named(cls, text: str) -> "Kind":
        """The kind called by its letter or its word in either case; ValueError lists the kinds there are."""
        wanted = text.strip().upper()
        for kind in cls:
            if wanted in {kind.value, kind.name}:
                return kind
        known = ", ".join(f"{kind.value} ({kind.word})" for kind in cls)
        raise ValueError(f"There is no kind of code called {text!r}. Choose one of: {known}.")


@dataclass(frozen=True, slots=True)
class Code:
    """A code whose check digits hold; `text` is its machine form, such as S123456789077."""

    kind: Kind
    text: str

    @property
    def grouped(self) -> str:
        """The form people read and say: `S 12345 67890 77`."""
        return f"{self.text[0]} {self.text[1:6]} {self.text[6:11]} {self.text[11:]}"

    def __str__(self) -> str:
        return self.text


def mint(kind: Kind) -> str:
    """Draw a new code at random; the caller keeps it unique and draws again on a clash.

    The digits never begin with 99: some Code 128 encoders lose a leading 99, should the bare number ever be printed.
    """
    body = f"{kind.value}{secrets.randbelow(99 * 10 ** (DIGITS - 2)):0{DIGITS}d}"
    return body + check_digits(body)


def check_digits(body: str) -> str:
    """The two ISO 7064 MOD 97-10 digits that bring the remainder of the whole to 1, letters counting A=10 to Z=35."""
    return f"{98 - _number(body + '00') % 97:02d}"


def parse(text: str, expect: Kind | None = None) -> Code:
    """The code in a scan or a typed entry; BadCode with a clerk's reason if it is none, or not of the expected kind."""
    code = normalise(text)
    _require_shape(code)
    if _number(code) % 97 != 1:
        raise BadCode("The check digits do not fit: at least one character is wrong. Scan again, or retype the code.")
    kind = Kind(code[0])
    if expect is not None and kind is not expect:
        raise BadCode("This is a %(found)s code. Scan a %(wanted)s code, which begins with %(letter)s.",
                      found=kind.word, wanted=expect.word, letter=expect.value)  # fmt: skip
    return Code(kind=kind, text=code)


def normalise(text: str) -> str:
    """The text without what scanners and people add: AIM symbology id, end of line, spaces, hyphens, O for 0, I for 1.

    The ids are the AIM ones of Code 128 (]C0), GS1-128 (]C1), Data Matrix (]d1), GS1 Data Matrix (]d2) and QR (]Q1).
    """
    bare = _AIM_ID.sub("", text.strip(" \r\n\t"), count=1)
    packed = _SEPARATORS.sub("", bare)
    if not packed.isascii():
        raise _foreign(packed)
    upper = packed.upper()
    return upper[:1] + upper[1:].translate(_LOOKALIKES)


_AIM_ID = re.compile(r"\A\](?:C0|C1|d1|d2|Q1)", re.IGNORECASE)
_SEPARATORS = re.compile("[ \u00a0\u2010\u2011\u2012\u2013-]")
_LOOKALIKES = str.maketrans("OIL", "011")
_FRENCH_DIGIT_ROW = frozenset("éèçà")


def _number(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))


def _foreign(text: str) -> BadCode:
    if _FRENCH_DIGIT_ROW & set(text.lower()):
        return BadCode(
            "The digits arrived as accents: scanner and computer have different keyboard layouts. Set both alike."
        )
    return BadCode("A code holds only one letter and digits. Scan the label again.")


def _require_shape(code: str) -> None:
    if not code:
        raise BadCode("No code was read. Scan the label again.")
    if any(mark in code for mark in "\r\n\t]"):
        raise BadCode("Two scans ran together. Scan one label at a time.")
    if code[0] not in _LETTERS:
        raise BadCode("This is not one of our codes, which begin with %(letters)s. Scan our own label.",
                      letters=", ".join(_LETTERS))  # fmt: skip
    if len(code) != LENGTH:
        if len(code) < LENGTH:
            raise BadCode("The code has too few characters: %(count)s in place of %(length)s. Scan or type it again.",
                          count=len(code), length=LENGTH)  # fmt: skip
        raise BadCode("The code has too many characters: %(count)s in place of %(length)s. Scan or type it again.",
                      count=len(code), length=LENGTH)  # fmt: skip
    for place, character in enumerate(code[1:], start=2):
        if character not in "0123456789":
            raise BadCode("Character %(place)s of the code must be a digit. Scan or type it again.", place=place)


_LETTERS = tuple(kind.value for kind in Kind)
