"""Which statement line is which of our payments: a whole reference and the exact amount, or a person decides."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from biobank.errors import Phrase
from biobank.payments.references import TOKEN
from biobank.payments.statements import StatementLine

WINDOW_DAYS = 3
EXACT = Phrase("The line carries %(reference)s and the exact amount.")
SUMMED = Phrase("The line carries the batch %(reference)s, whose %(count)s entries come to its amount.")
ALONE = Phrase("The only line and the only payment of this amount within %(days)s days of each other.")


class MatchRule(StrEnum):
    """Why a line and a transfer belong together; by itself only a reference confirms."""

    REFERENCE = "reference"
    BATCH = "batch"
    AMOUNT_AND_DATE = "amount_and_date"
    BY_HAND = "by_hand"
    BOOKED = "booked"


class ExceptionKind(StrEnum):
    """What a person must look into."""

    AMOUNT_DIFF = "AMOUNT_DIFF"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One of our movements as the statement will show it: cents, negative when money leaves the account.

    `key` is the caller's own name for it; `reference` is the external_id that the line should carry.
    """

    key: str
    reference: str
    amount_cents: int
    posted_on: date


@dataclass(frozen=True, slots=True)
class Match:
    """One line and one transfer, and why: the rule, and the words found."""

    line: StatementLine
    transfer: Transfer
    rule: MatchRule
    why: str


@dataclass(frozen=True, slots=True)
class Basket:
    """One line that is several transfers together, to the cent: they share the line's batch reference."""

    line: StatementLine
    transfers: tuple[Transfer, ...]
    why: str


@dataclass(frozen=True, slots=True)
class MatchException:
    """A line that names a transfer and yet contradicts it; `difference_cents` is line minus transfer."""

    kind: ExceptionKind
    line: StatementLine
    transfer: Transfer
    difference_cents: int


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Lines and transfers that share one reference so that no single pair can be told."""

    reference: str
    lines: tuple[StatementLine, ...]
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """Every line and every transfer given, each in one kind of place; an ambiguous one may stand in several groups."""

    confirmed: tuple[Match, ...]
    baskets: tuple[Basket, ...]
    suggested: tuple[Match, ...]
    ambiguous: tuple[Ambiguity, ...]
    exceptions: tuple[MatchException, ...]
    unmatched_lines: tuple[StatementLine, ...]
    unmatched_transfers: tuple[Transfer, ...]


def match(lines: Iterable[StatementLine], transfers: Iterable[Transfer]) -> Matches:
    """Pair the lines and the transfers of one account, those not yet matched on either side.

    A reference counts as a whole word of the line's text or reference, capital or small letters alike; one that several
    transfers share (a batch) confirms when they come to the line's amount together. Amount and date alone, unique both
    ways within three days, only suggest: every payment is the same $25.
    """
    lines, transfers = tuple(lines), tuple(transfers)
    held = _by_reference(transfers)
    named = [_references(line, held) for line in lines]
    claims = _claims(lines, named)
    told = _tell_apart(claims, held, _shared(named))
    free_lines = [line for line, references in zip(lines, named, strict=True) if not references]
    free_transfers = [item for reference, group in held.items() if reference not in claims for item in group]
    suggested = tuple(_suggest(free_lines, free_transfers))
    suggested_lines = {id(found.line) for found in suggested}
    suggested_transfers = {id(found.transfer) for found in suggested}
    return Matches(
        confirmed=tuple(_confirm(line, transfer) for line, transfer in told.pairs if _is_exact(line, transfer)),
        baskets=tuple(told.baskets),
        suggested=suggested,
        ambiguous=tuple(told.unclear),
        exceptions=(*(_differ(line, item) for line, item in told.pairs if not _is_exact(line, item)), *told.returned),
        unmatched_lines=tuple(line for line in free_lines if id(line) not in suggested_lines),
        unmatched_transfers=(*(item for item in free_transfers if id(item) not in suggested_transfers), *told.left),
    )


def _by_reference(transfers: Sequence[Transfer]) -> dict[str, list[Transfer]]:
    held: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        # Banks print descriptions in capitals.
        held[transfer.reference.casefold()].append(transfer)
    return dict(held)


def _references(line: StatementLine, held: Mapping[str, object]) -> frozenset[str]:
    words = TOKEN.findall(f"{line.text} {line.reference}".casefold())
    return frozenset(word for word in words if word in held)


def _claims(lines: Sequence[StatementLine], named: Sequence[frozenset[str]]) -> dict[str, list[StatementLine]]:
    claims: dict[str, list[StatementLine]] = defaultdict(list)
    for line, references in zip(lines, named, strict=True):
        for reference in sorted(references):
            claims[reference].append(line)
    return dict(claims)


def _shared(named: Sequence[frozenset[str]]) -> frozenset[str]:
    """The references that stand together with another one on some line."""
    return frozenset(reference for references in named if len(references) > 1 for reference in references)


@dataclass(slots=True)
class _Told:
    """What became of the lines that name a reference of ours."""

    pairs: list[tuple[StatementLine, Transfer]] = field(default_factory=list)
    baskets: list[Basket] = field(default_factory=list)
    unclear: list[Ambiguity] = field(default_factory=list)
    returned: list[MatchException] = field(default_factory=list)
    left: list[Transfer] = field(default_factory=list)


def _tell_apart(
    claims: Mapping[str, list[StatementLine]], held: Mapping[str, list[Transfer]], shared: frozenset[str]
) -> _Told:
    told = _Told()
    for reference, lines in claims.items():
        group = held[reference]
        if reference in shared:
            told.unclear.append(Ambiguity(group[0].reference, tuple(lines), tuple(group)))
        elif len(lines) == 1 and len(group) == 1:
            told.pairs.append((lines[0], group[0]))
        else:
            _tell_signs(told, lines, group)
    return told


def _tell_signs(told: _Told, lines: Sequence[StatementLine], group: Sequence[Transfer]) -> None:
    """A payment and its return carry one reference: money out and money in are told apart, each by itself."""
    for is_out in (True, False):
        some_lines = [line for line in lines if (line.amount_cents < 0) == is_out]
        some = [item for item in group if (item.amount_cents < 0) == is_out]
        if not some_lines:
            told.left.extend(some)
            continue
        if len(some_lines) == 1 and len(some) == 1:
            told.pairs.append((some_lines[0], some[0]))
        elif len(some_lines) == 1 and some and some_lines[0].amount_cents == sum(item.amount_cents for item in some):
            why = SUMMED % {"reference": some[0].reference, "count": len(some)}
            told.baskets.append(Basket(some_lines[0], tuple(some), why))
        elif len(some_lines) == 1 and not some and not is_out:
            told.returned.append(MatchException(ExceptionKind.RETURNED, some_lines[0], group[0], 0))
        else:
            told.unclear.append(Ambiguity(group[0].reference, tuple(some_lines), tuple(some)))


def _is_exact(line: StatementLine, transfer: Transfer) -> bool:
    return line.amount_cents == transfer.amount_cents


def _confirm(line: StatementLine, transfer: Transfer) -> Match:
    return Match(line, transfer, MatchRule.REFERENCE, EXACT % {"reference": transfer.reference})


def _differ(line: StatementLine, transfer: Transfer) -> MatchException:
    difference = line.amount_cents - transfer.amount_cents
    return MatchException(ExceptionKind.AMOUNT_DIFF, line, transfer, difference)


T = TypeVar("T")


class _Calendar(Generic[T]):
    """Things of one amount in the order of their days, to find the only one near a day."""

    def __init__(self, dated: Iterable[tuple[date, T]]) -> None:
        ordered = sorted(dated, key=lambda item: item[0])
        # Ordinals, because the first and last days of the calendar have no neighbours.
        self._days = [day.toordinal() for day, _ in ordered]
        self._things = [thing for _, thing in ordered]

    def only_near(self, day: date) -> T | None:
        first = bisect_left(self._days, day.toordinal() - WINDOW_DAYS)
        last = bisect_right(self._days, day.toordinal() + WINDOW_DAYS)
        return self._things[first] if last - first == 1 else None


def _suggest(lines: Sequence[StatementLine], transfers: Sequence[Transfer]) -> Iterator[Match]:
    lines_of = _calendars((line.amount_cents, line.booked_on, line) for line in lines)
    transfers_of = _calendars((item.amount_cents, item.posted_on, item) for item in transfers)
    for line in lines:
        near = transfers_of[line.amount_cents].only_near(line.booked_on) if line.amount_cents in transfers_of else None
        if near is not None and lines_of[line.amount_cents].only_near(near.posted_on) is line:
            why = ALONE % {"days": WINDOW_DAYS}
            yield Match(line, near, MatchRule.AMOUNT_AND_DATE, why)


def _calendars(items: Iterable[tuple[int, date, T]]) -> dict[int, _Calendar[T]]:
    grouped: dict[int, list[tuple[date, T]]] = defaultdict(list)
    for amount, day, thing in items:
        grouped[amount].append((day, thing))
    return {amount: _Calendar(dated) for amount, dated in grouped.items()}
