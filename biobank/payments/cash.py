"""Cash and gift cards at a site: every movement is asked by one person there, signed by another, and only then done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.db import Tx
from biobank.errors import Forbidden, Invalid, Phrase
from biobank.payments import card_stock, floats, handover

KIND = "payments.site_cash"
# What can be asked for, each with the sentence that the second person reads.
_ASKED: Mapping[str, Phrase] = {
    "fill": Phrase("Cash put into the float: %(dollars)s dollars. Count it together."),
    "bank": Phrase("Cash taken out of the float to the bank: %(dollars)s dollars. Count it together."),
    "cards": Phrase("%(number)s gift cards (%(brand)s) put into the safe. Count them together."),
    "count-cash": Phrase("Cash counted in the float: %(dollars)s dollars."),
    "count-cards": Phrase("Gift cards counted in the safe: %(number)s."),
    "give": Phrase("%(what)s handed over for payment %(reference)s. Sign only what you have seen."),
    "put-back": Phrase(
        "%(what)s kept ready for payment %(reference)s is back in the safe. Sign only what you have seen."
    ),
}


def _site(tx: Tx) -> UUID:
    if tx.actor.site_id is None:
        raise Forbidden("Only somebody of a site can handle its cash and cards.", code="no-site")
    return tx.actor.site_id


def _ask(tx: Tx, do: str, subject: str, payload: Mapping[str, Any], **words: str) -> Approval:
    return approvals.ask(tx, kind=KIND, subject=subject, payload={"do": do, "site_id": str(_site(tx)), **payload},
                         summary=_ASKED[do], words=words)  # fmt: skip


def ask_cash(tx: Tx, do: str, cents: int) -> None:
    """Ask for `fill`, `bank` or `count-cash` of so many cents at the actor's site."""
    if do not in {"fill", "bank", "count-cash"} or cents < (0 if do == "count-cash" else 1):
        raise Invalid("Write the amount in dollars, such as 250.00.", code="amount")
    site_id = _site(tx)
    if do == "fill":
        floats.require_room(tx, site_id, cents)
    if do == "bank":
        floats.require_free(tx, site_id, cents)
    _ask(tx, do, f"{do}:{site_id}", {"cents": cents}, dollars=f"{cents // 100}.{cents % 100:02}")


def ask_cards(tx: Tx, brand: str, serials: Sequence[str]) -> None:
    """Ask to put cards into the safe. Refused whole when one serial is unreadable, twice in the list or known."""
    site_id = _site(tx)
    cards = card_stock.read(tx, brand, serials, site_id)
    _ask(tx, "cards", f"cards:{site_id}", {"brand": brand.strip(), "cards": cards}, number=str(len(cards)),
         brand=brand.strip())  # fmt: skip


def ask_card_count(tx: Tx, number: int) -> None:
    """Ask to note how many cards lie in the safe, those kept ready for somebody among them."""
    if not 0 <= number <= 100_000:
        raise Invalid("Write how many cards you counted.", code="count")
    _ask(tx, "count-cards", f"count-cards:{_site(tx)}", {"number": number}, number=str(number))


def ask_to_give(tx: Tx, payee_id: UUID, serial: str = "") -> None:
    """Keep the payment ready, in cash or on the card of this serial, and ask somebody to watch it handed over."""
    payment = handover.of_payee(tx, payee_id)
    handover.reserve(tx, payment, _site(tx), serial)
    _ask(tx, "give", str(payment.id), {}, what=handover.what(tx, payment), reference=payment.external_id)


def ask_to_put_back(tx: Tx, payee_id: UUID) -> None:
    """Ask somebody to see that what was kept ready lies in the safe again. Never by a clock: it may have been given."""
    payment = handover.of_payee(tx, payee_id)
    handover.require_reserved(payment)
    _ask(tx, "put-back", str(payment.id), {}, what=handover.what(tx, payment), reference=payment.external_id)


def open_about(tx: Tx, disbursement_id: UUID) -> Approval | None:
    """What waits for a signature about one payment."""
    return approvals.open_about(tx, KIND, disbursement_id)


def carry_out(tx: Tx, subject: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    """Do what was asked; the actor is the second person, `first` the one who asked."""
    _DO[payload["do"]](tx, subject, payload, first)


def _fill(tx: Tx, _: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    floats.fill(tx, UUID(payload["site_id"]), payload["cents"], first)


def _bank(tx: Tx, _: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    floats.bank(tx, UUID(payload["site_id"]), payload["cents"], first)


def _take_cards(tx: Tx, _: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    card_stock.take_in(tx, UUID(payload["site_id"]), payload["brand"], payload["cards"], first)


def _count_cash(tx: Tx, _: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    floats.count(tx, UUID(payload["site_id"]), payload["cents"], first)


def _count_cards(tx: Tx, _: str, payload: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    card_stock.count(tx, UUID(payload["site_id"]), payload["number"], first)


def _give(tx: Tx, subject: str, _: Mapping[str, Any], first: tuple[UUID, str]) -> None:
    handover.give(tx, UUID(subject), first)


def _put_back(tx: Tx, subject: str, _: Mapping[str, Any], _first: tuple[UUID, str]) -> None:
    handover.put_back(tx, UUID(subject))


_DO: Mapping[str, Callable[[Tx, str, Mapping[str, Any], tuple[UUID, str]], None]] = {
    "fill": _fill,
    "bank": _bank,
    "cards": _take_cards,
    "count-cash": _count_cash,
    "count-cards": _count_cards,
    "give": _give,
    "put-back": _put_back,
}
