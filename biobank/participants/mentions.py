"""What of a person a text gives away: name, birth date, phone, e-mail, street; kinds only, never the details."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from biobank.participants.person import Person
from biobank.participants.sealing import plain_phone

_MONTHS = (
    ("january", "jan", "enero", "ene"), ("february", "feb", "febrero"), ("march", "mar", "marzo"),
    ("april", "apr", "abril", "abr"), ("may", "mayo"), ("june", "jun", "junio"), ("july", "jul", "julio"),
    ("august", "aug", "agosto", "ago"), ("september", "sep", "sept", "septiembre"),
    ("october", "oct", "octubre"), ("november", "nov", "noviembre"),
    ("december", "dec", "diciembre", "dic"),
)  # fmt: skip
_MONTH_OF = {name: str(number) for number, names in enumerate(_MONTHS, start=1) for name in names}
_STREET_WORDS = {"st": "street", "str": "street", "ave": "avenue", "av": "avenue", "rd": "road", "dr": "drive",
                 "ln": "lane", "blvd": "boulevard", "ct": "court", "pl": "place", "n": "north", "s": "south",
                 "e": "east", "w": "west"}  # fmt: skip
_BETWEEN = {"de", "del", "of", "the"}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_DIGITS = re.compile(r"\+?\(?\d[\d\s().+/-]*\d")
_WORD = re.compile(r"[^\W_]+")
_LOCAL_PHONE = 7
_SHORTEST_STREET = 2


def kinds_in(person: Person, text: str) -> tuple[str, ...]:
    """The kinds of this person's own details that a text holds: name, birth-date, phone, e-mail, street."""
    checks: Mapping[str, Callable[[Person, str], bool]] = {
        "name": _names, "birth-date": _birth_date, "phone": _phone, "e-mail": _email, "street": _street,
    }  # fmt: skip
    return tuple(kind for kind, holds in checks.items() if holds(person, text))


def _plain(text: str) -> str:
    """Words without case, accents or signs, one space between and around them."""
    split = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in split if not unicodedata.combining(letter) and letter not in "'’`")
    return f" {' '.join(_WORD.findall(kept.casefold()))} "


def _names(person: Person, text: str) -> bool:
    first, last = _plain(person.name.first), _plain(person.name.last)
    words = _plain(text)
    if last.strip() and last in words:
        return True
    # Many a first name is a word as well: "May", "Will". Alone it counts as people write names.
    written = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    capitals = {_plain(word) for word in _WORD.findall(written) if word[0].isupper()}
    return bool(first.strip()) and first in words and all(f" {word} " in capitals for word in first.split())


def _birth_date(person: Person, text: str) -> bool:
    return any(_is_day(parts, person.born_on) for parts in _dates(text)) or any(
        run in _solid(person.born_on) for run in re.findall(r"(?<!\d)\d{6,8}(?!\d)", text)
    )


def _dates(text: str) -> Iterator[tuple[str, str, str]]:
    """Every three numbers in a row that may be a date, months by name among them."""
    spoken = (_ORDINAL.sub(r"\1", word) for word in _plain(text).split() if word not in _BETWEEN)
    numbers = [_MONTH_OF.get(word, word) for word in spoken]
    for first, second, third in zip(numbers, numbers[1:], numbers[2:], strict=False):
        if all(part.isascii() and part.isdigit() and len(part) in (1, 2, 4) for part in (first, second, third)):
            yield first, second, third


def _is_day(parts: tuple[str, str, str], day: date) -> bool:
    """Whether the parts are this day, in the order of any country, its year with or without the century."""
    first, second, third = parts
    orders = ((first, second, third), (third, first, second), (third, second, first))
    return any(_is_year(year, day) and (int(month), int(d)) == (day.month, day.day) for year, month, d in orders)


def _is_year(text: str, day: date) -> bool:
    return text in (f"{day.year:04}", f"{day.year % 100:02}")


def _solid(day: date) -> set[str]:
    return {format(day, pattern) for pattern in ("%Y%m%d", "%m%d%Y", "%d%m%Y", "%y%m%d", "%m%d%y", "%d%m%y")}


def _phone(person: Person, text: str) -> bool:
    number = plain_phone(person.contact.phone or "")
    if len(number) < _LOCAL_PHONE:
        return False
    runs = [re.sub(r"\D", "", run) for run in _DIGITS.findall(text)]
    return any(number in run or run.endswith(number[-_LOCAL_PHONE:]) for run in runs)


def _email(person: Person, text: str) -> bool:
    address = (person.contact.email or "").strip().casefold()
    return bool(address) and address in text.casefold()


def _street(person: Person, text: str) -> bool:
    wanted = _street_words((person.contact.street or "").partition(",")[0])
    told = f" {' '.join(_street_words(text))} "
    if len(wanted) < _SHORTEST_STREET:
        return False
    # "12 Oak" says as much as "12 Oak Street".
    skipped = next((at for at, word in enumerate(wanted[1:], 1) if word not in {*_STREET_WORDS.values()}), 1)
    short = wanted[: skipped + 1] if wanted[0].isdigit() else wanted
    return f" {' '.join(short)} " in told


def _street_words(text: str) -> list[str]:
    return [_STREET_WORDS.get(word, word) for word in _plain(text).split()]
