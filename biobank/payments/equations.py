"""What must hold in the books: a pure list of equations over plain figures, each with both sides in cents or counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from biobank.errors import Phrase
from biobank.payments import ledger

IN_TRANSIT: Mapping[str, Phrase] = {
    ledger.TOPUP: Phrase("Top-ups in transit have arrived within ten days"),
    ledger.ACH: Phrase("ACH money in transit has arrived within ten days"),
}


class Unit(StrEnum):
    """What the two sides count."""

    CENTS = "cents"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """Two ways to the same figure. `page` is where its rows are to be seen; a waivable one does not block a close."""

    code: str
    name: Phrase
    expected: int
    found: int
    unit: Unit = Unit.CENTS
    page: str = "payments.books"
    is_waivable: bool = False

    @property
    def difference(self) -> int:
        return self.found - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """One account with statements, in cents: `opening` is what stood there when the statements begin."""

    account: str
    opening: int
    closing: int
    lines: int
    unmatched_lines: int
    outstanding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFacts:
    """Figures of the rows themselves: `balances` are debits minus credits of each account, all in cents."""

    balances: Mapping[str, int]
    owed: int
    paid: int
    paid_by_entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepFacts:
    """What takes a walk through all rows; cents, or counts where the name says so."""

    accounts: Sequence[AccountFacts]
    settled_without_line: int
    on_a_line_yet_sent: int
    double_live_count: int
    old_unknown_count: int
    stale: Mapping[str, int]


def quick(facts: BookFacts) -> Iterator[Equation]:
    """What every look at the home page shows: debt, expense and payments, ledger against states."""
    balance = facts.balances
    yield Equation(
        code="payable", name=Phrase("Incentives payable = earned, not yet paid"), expected=facts.owed - facts.paid,
        found=-balance.get(ledger.PAYABLE, 0) - balance.get(ledger.UNCLAIMED, 0),
    )  # fmt: skip
    yield Equation(code="expense", name=Phrase("Incentive expense = earned"), expected=facts.owed,
                   found=balance.get(ledger.EXPENSE, 0))  # fmt: skip
    yield Equation(code="paid", name=Phrase("Payments in the ledger = payments sent"), expected=facts.paid,
                   found=facts.paid_by_entries)  # fmt: skip
    yield Equation(code="trial", name=Phrase("All debits = all credits"), expected=0, found=sum(balance.values()))


def deep(facts: BookFacts, walked: DeepFacts) -> Iterator[Equation]:
    """What every night and every close looks at besides."""
    for account in walked.accounts:
        yield from _of_account(account, facts.balances.get(account.account, 0))
    yield Equation(code="settled", name=Phrase("Every settled payment is on a statement line"), expected=0,
                   found=walked.settled_without_line, page="payments.home")  # fmt: skip
    yield Equation(code="on-line", name=Phrase("Every payment on a statement line is settled"), expected=0,
                   found=walked.on_a_line_yet_sent, page="payments.home")  # fmt: skip
    yield Equation(code="live", name=Phrase("No entitlement has two live payments"), expected=0,
                   found=walked.double_live_count, unit=Unit.COUNT, page="payments.home")  # fmt: skip
    yield Equation(code="unknown", name=Phrase("No payment is unknown for more than three days"), expected=0,
                   found=walked.old_unknown_count, unit=Unit.COUNT, page="payments.ageing")  # fmt: skip
    for transit, cents in walked.stale.items():
        yield Equation(code=f"stale-{transit}", name=IN_TRANSIT[transit], expected=0, found=cents, is_waivable=True)
    yield Equation(code="suspense", name=Phrase("Suspense is empty"), expected=0,
                   found=facts.balances.get(ledger.SUSPENSE, 0), is_waivable=True)  # fmt: skip


def _of_account(account: AccountFacts, book: int) -> Iterator[Equation]:
    yield Equation(
        code=f"statements-{account.account}", name=Phrase("Statement lines lead from opening to closing balance"),
        expected=account.closing, found=account.opening + account.lines, page="payments.statements",
    )  # fmt: skip
    yield Equation(
        code=f"bank-{account.account}", name=Phrase("Books, less what is outstanding = statement"),
        expected=account.closing, page="payments.match_screen",
        found=account.opening + book - account.outstanding + account.unmatched_lines,
    )  # fmt: skip
