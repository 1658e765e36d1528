"""Files to and from a programme of reloadable cards: one line for each load, one answer for each line."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from biobank.errors import Phrase
from biobank.payments.providers.base import Capabilities

LOAD_HEADER = ("Reference", "Card", "Amount", "Currency")
ANSWER_HEADER = ("Reference", "Amount", "Status", "Transaction", "Reason")
LOADED, REJECTED = "LOADED", "REJECTED"
CARD = re.compile(r"[0-9A-Z]{8,24}", re.ASCII)
REFERENCE = re.compile(r"C\d{14}", re.ASCII)
AMOUNT = re.compile(r"\d{1,7}\.\d{2}", re.ASCII)
PLAIN = re.compile(r"[ -~]{0,80}", re.ASCII)
LARGEST = 5_000_000


class LoadRefused(ValueError):
    """The file breaks the form; `template` holds %(name)s places that `words` fill."""

    def __init__(self, message: str, **words: object) -> None:
        super().__init__(message % words)
        self.template, self.words = message, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One payment onto one card, under a reference that the answer must repeat."""

    reference: str
    card: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAnswer:
    """What the programme did with one load; `said` is its transaction, or its reason."""

    reference: str
    cents: int
    is_loaded: bool
    said: str


class CardLoad:
    """What a programme of cards promises: files, and nothing that makes a repeat safe."""

    capabilities = Capabilities(
        idempotent=False, key_ttl=None, lookup_by_our_ref=False, min_wait_before_absent=timedelta(days=5),
        requests_per_second=1, file_based=True, returns=True,
    )  # fmt: skip


def plain_card(text: str) -> str:
    """A card's number as the programme writes it; raises LoadRefused for what is none."""
    number = re.sub(r"[\s-]", "", text).upper()
    if not CARD.fullmatch(number):
        raise LoadRefused(Phrase("A card's number has 8 to 24 digits or letters. Scan it again."))
    return number


def write(loads: Sequence[Load]) -> bytes:
    """The loads as CSV, ASCII, in their order; amounts in dollars."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(LOAD_HEADER)
    sheet.writerows((one.reference, one.card, f"{Decimal(one.cents).scaleb(-2):.2f}", "USD") for one in loads)
    return out.getvalue().encode("ascii")


def read_answers(data: bytes) -> list[LoadAnswer]:
    """The programme's answers; raises LoadRefused naming the row, so that a file is taken whole or not at all."""
    if len(data) > LARGEST:
        raise LoadRefused(Phrase("This file is too large for an answer of the card programme."))
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise LoadRefused(Phrase("The file is no CSV. Fetch the answer from the card programme again.")) from problem
    if not rows or tuple(rows[0]) != ANSWER_HEADER:
        raise LoadRefused(Phrase("The first row must read %(header)s."), header=",".join(ANSWER_HEADER))
    answers = list(_answers(rows[1:]))
    if not answers or len({one.reference for one in answers}) < len(answers):
        raise LoadRefused(Phrase("The file answers nothing, or one payment twice. Fetch it again."))
    return answers


def _answers(rows: Sequence[Sequence[str]]) -> Iterator[LoadAnswer]:
    for number, cells in enumerate(rows, start=2):
        if not _is_answer(cells):
            raise LoadRefused(Phrase("Row %(row)s is no answer to a load. Fetch the file again."), row=number)
        reference, amount, status, transaction, reason = cells
        yield LoadAnswer(reference=reference, cents=int(Decimal(amount).scaleb(2)), is_loaded=status == LOADED,
                         said=transaction if status == LOADED else reason)  # fmt: skip


def _is_answer(cells: Sequence[str]) -> bool:
    if len(cells) != len(ANSWER_HEADER):
        return False
    reference, amount, status, transaction, reason = cells
    has_proof = bool(transaction if status == LOADED else reason)
    told = status in {LOADED, REJECTED} and has_proof and PLAIN.fullmatch(transaction) and PLAIN.fullmatch(reason)
    return bool(told and REFERENCE.fullmatch(reference) and AMOUNT.fullmatch(amount))
