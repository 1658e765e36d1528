"""A site's gift cards by their serials: taken in by two people, counted, never more than the policy lets lie there."""

import hmac
import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.payments import actions, floats, ledger
from biobank.payments.cash_models import CardItem, CardState, Counted
from biobank.payments.floats import Person
from biobank.payments.ledger import Entry
from biobank.payments.models import Disbursement, ExceptionKind, TransferKind
from biobank.payments.questions import open_exception

KEY = "card-serials"
SERIAL = re.compile(r"[0-9A-Z]{6,40}", re.ASCII)
AT_ONCE = 200
IN_SAFE = (CardState.IN_STOCK, CardState.RESERVED)


def hashed(tx: Tx, serial: str) -> tuple[str, str]:
    """A serial as it is kept, keyed hash and last four; raises `Invalid` for what is no serial."""
    plain = re.sub(r"[\s-]", "", serial).upper()
    if not SERIAL.fullmatch(plain):
        raise Invalid("A serial has 6 to 40 letters and digits: %(serial)s cannot be one. Scan it again.",
                      code="serial", serial=f"…{plain[-4:]}")  # fmt: skip
    return hmac.digest(tx.databases.keys(KEY), plain.encode(), "sha256").hex(), plain[-4:]


def read(tx: Tx, brand: str, serials: Sequence[str], site_id: UUID) -> list[dict[str, str]]:
    """These cards, none of which may be known or stand there twice; raises `Invalid` or `Conflict` for all of them."""
    if not 1 <= len(brand.strip()) <= 40 or not 1 <= len(serials) <= AT_ONCE:
        raise Invalid("Write the brand, and from 1 to %(most)s serials, one on each line.", code="cards", most=AT_ONCE)
    found = [dict(zip(("hash", "last4"), hashed(tx, serial), strict=True)) for serial in serials]
    hashes = [card["hash"] for card in found]
    known = sa.select(CardItem.last4).where(CardItem.brand == brand.strip(), CardItem.serial_hash.in_(hashes))
    double = next((card["last4"] for card in found if hashes.count(card["hash"]) > 1), None)
    double = double or tx.session.scalar(known.limit(1))
    if double:
        raise Conflict("The card …%(last4)s stands there twice or was taken in before. Nothing was saved.",
                       code="card-known", last4=double)  # fmt: skip
    most = actions.policy_today().cards
    if in_safe(tx, site_id) + len(found) > most:
        raise Conflict("A site may hold %(most)s cards at most.", code="cards-full", most=str(most))
    return found


def in_safe(tx: Tx, site_id: UUID) -> int:
    """How many cards must lie in the safe, those kept ready among them."""
    query = sa.select(sa.func.count()).select_from(CardItem).where(CardItem.site_id == site_id)
    return tx.session.scalars(query.where(CardItem.state.in_(IN_SAFE))).one()


def take_in(tx: Tx, site_id: UUID, brand: str, cards: Sequence[Mapping[str, str]], first: Person) -> None:
    """Put the cards into the books. The database refuses one that came meanwhile."""
    scheme = actions.ensure_scheme(tx)
    batch = new_id()
    tx.session.execute(
        sa.insert(CardItem),
        [
            {"id": new_id(), "brand": brand, "serial_hash": card["hash"], "last4": card["last4"],
             "face_cents": scheme.amount_cents, "site_id": site_id, "state": CardState.IN_STOCK, "at": clock.now(),
             "brought_by_id": first[0], "taken_by_id": tx.actor.id} for card in cards
        ],
    )  # fmt: skip
    ledger.add(tx, Entry(kind=TransferKind.CARDS_BOUGHT, amount_cents=scheme.amount_cents * len(cards),
                         uid=f"cards:{batch}", source=f"cards:{batch}", site_id=site_id))  # fmt: skip


def count(tx: Tx, site_id: UUID, number: int, first: Person) -> None:
    """Note a count; a difference is finance's question, as only the serials can say which card it is."""
    expected = in_safe(tx, site_id)
    key = floats.write_count(tx, site_id, Counted.CARDS, (number, expected), first)
    if number != expected:
        note = floats.DIFFERS % {"counted": number, "expected": expected}
        open_exception(tx, ExceptionKind.STOCK_COUNT_DIFF, note, item=f"count:{key}")


def reserve(tx: Tx, site_id: UUID, payment: Disbursement, serial: str) -> None:
    """Keep the card of this serial ready for a payment; raises `Conflict` unless it lies in this site's safe."""
    free = sa.update(CardItem).where(
        CardItem.site_id == site_id, CardItem.serial_hash == hashed(tx, serial)[0],
        CardItem.state == CardState.IN_STOCK, CardItem.face_cents == payment.amount_cents,
    )  # fmt: skip
    taken = free.values(state=CardState.RESERVED, disbursement_id=payment.id).returning(CardItem.id)
    if tx.session.scalar(taken) is None:
        raise Conflict("This card is not in your safe, or is kept for somebody else. Scan another one.",
                       code="card-not-free")  # fmt: skip


def kept_for(tx: Tx, disbursement_id: UUID) -> CardItem:
    """The card that is kept ready, or was given, for a payment."""
    query = sa.select(CardItem).filter_by(disbursement_id=disbursement_id)
    return tx.session.scalars(query.execution_options(populate_existing=True)).one()


def give(tx: Tx, site_id: UUID, payment: Disbursement) -> None:
    """The card has been handed over."""
    kept_for(tx, payment.id).state = CardState.GIVEN
    tx.session.flush()
    ledger.add(tx, Entry(kind=TransferKind.CARD_GIVEN, disbursement_id=payment.id, amount_cents=payment.amount_cents,
                         site_id=site_id))  # fmt: skip


def put_back(tx: Tx, disbursement_id: UUID) -> None:
    """The card lies in the safe again."""
    card = kept_for(tx, disbursement_id)
    card.state, card.disbursement_id = CardState.IN_STOCK, None
    tx.session.flush()
