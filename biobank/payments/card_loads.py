"""Payments onto reloadable cards: a sealed file to the programme, and its answer for each load, taken whole."""

import hmac
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, Phrase
from biobank.participants import sealing
from biobank.payments import ach, ledger, states
from biobank.payments.ach_models import AchBatch, AchEntry, FileForm, LoadCard
from biobank.payments.cash_models import Means
from biobank.payments.ledger import Entry
from biobank.payments.models import Disbursement, Entitlement, State, TransferKind
from biobank.payments.providers import card_load
from biobank.payments.providers.card_load import Load, LoadAnswer, LoadRefused
from biobank.payments.states import Step

KEY = "load-cards"
LOADED = Phrase("The card programme has loaded it: %(said)s.")
CAME_BACK = Phrase("The card programme did not load it: %(said)s.")


def note_card(tx: Tx, payee_id: UUID, number: str) -> None:
    """Keep the number of the card that somebody was given, sealed. Refused for a card that somebody else has."""
    try:
        plain = card_load.plain_card(number)
    except LoadRefused as problem:
        raise Invalid.of(problem, code="card-number") from problem
    key = tx.databases.keys(KEY)
    mark = hmac.digest(key, plain.encode(), "sha256").hex()
    holder = tx.session.scalar(sa.select(LoadCard.payee_id).filter_by(number_hash=mark))
    if holder not in {None, payee_id}:
        raise Conflict("Somebody else has this card. Take another one from the safe.", code="card-taken")
    kept = tx.session.get(LoadCard, payee_id) or LoadCard(payee_id=payee_id)
    kept.sealed = sealing.seal(key, plain, table="load_card", column="sealed", row=payee_id)
    kept.number_hash, kept.last4 = mark, plain[-4:]
    kept.noted_at, kept.noted_by = clock.now(), tx.actor.name
    tx.session.add(kept)
    tx.session.flush()


def last4_of(tx: Tx, payee_id: UUID) -> str:
    """The end of somebody's card, empty where none is kept."""
    return tx.session.scalar(sa.select(LoadCard.last4).filter_by(payee_id=payee_id)) or ""


def _ready() -> sa.Select[Disbursement, UUID]:
    return (
        sa.select(Disbursement, LoadCard.payee_id)
        .join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        .join(LoadCard, LoadCard.payee_id == Entitlement.payee_id)
        .where(Disbursement.state == State.QUEUED, Disbursement.provider == Means.LOAD)
        .order_by(Disbursement.id)
    )


def ready(tx: Tx) -> int:
    """How many payments would go into a file now."""
    return tx.session.scalars(sa.select(sa.func.count()).select_from(_ready().subquery())).one()


def prepare(tx: Tx) -> AchBatch:
    """Seal a file of every load that is ready, and ask a second person to release it."""
    found = tx.session.execute(_ready().limit(ach.AT_ONCE).with_for_update(of=Disbursement)).all()
    if not found:
        raise Conflict("No payment waits for a file to the card programme.", code="none-ready")
    last = ach.last_trace(tx, FileForm.CARDS)
    first = int(last[1:]) + 1 if last else 1
    traced = [(payment, f"C{number:014}") for number, (payment, _) in enumerate(found, start=first)]
    raw = card_load.write([
        Load(reference=trace, card=_number(tx, payee_id), cents=payment.amount_cents)
        for (payment, payee_id), (_, trace) in zip(found, traced, strict=True)
    ])  # fmt: skip
    return ach.keep_file(tx, FileForm.CARDS, raw, traced, ach.free_modifier(tx))


def _number(tx: Tx, payee_id: UUID) -> str:
    sealed = tx.session.scalars(sa.select(LoadCard.sealed).filter_by(payee_id=payee_id)).one()
    return sealing.unseal(tx.databases.keys(KEY), sealed, table="load_card", column="sealed", row=payee_id)


def take_answers(tx: Tx, data: bytes) -> tuple[int, int]:
    """Settle what was loaded, owe again what was not; how many of each. Refused whole where one line is not ours.

    The same answer again changes nothing. What was loaded and is rejected later came back.
    """
    try:
        answers = card_load.read_answers(data)
    except LoadRefused as problem:
        raise Invalid.of(problem, code="answer-refused") from problem
    entries = _entries(tx, answers)
    done = [_take(tx, answer, entries[answer.reference]) for answer in answers]
    return done.count(State.SETTLED), done.count(State.RETURNED)


def _entries(tx: Tx, answers: list[LoadAnswer]) -> dict[str, AchEntry]:
    query = sa.select(AchEntry).join(AchBatch, AchBatch.id == AchEntry.batch_id)
    ours = query.where(AchEntry.is_live, AchBatch.form == FileForm.CARDS, AchBatch.released_at.is_not(None))
    found: dict[str, AchEntry] = {}
    for start in range(0, len(answers), ach.AT_ONCE):
        part = [one.reference for one in answers[start : start + ach.AT_ONCE]]
        found |= {one.trace: one for one in tx.session.scalars(ours.where(AchEntry.trace.in_(part)))}
    strange = next((one for one in answers if one.reference not in found or found[one.reference].cents != one.cents),
                   None)  # fmt: skip
    if strange is not None:
        raise Invalid("%(reference)s is no load of ours of this amount. Nothing was taken: ask the card programme.",
                      code="answer-not-ours", reference=strange.reference)  # fmt: skip
    return found


def _take(tx: Tx, answer: LoadAnswer, entry: AchEntry) -> State | None:
    query = sa.select(Disbursement.state).where(Disbursement.id == entry.disbursement_id).with_for_update()
    state = tx.session.scalars(query).one()
    to = State.SETTLED if answer.is_loaded else State.RETURNED
    if to not in states.FOLLOWS[state]:
        return None
    note = (LOADED if answer.is_loaded else CAME_BACK) % {"said": answer.said}
    changes = {"settled_at": clock.now()} if answer.is_loaded else {"next_at": None}
    step = Step(disbursement_id=entry.disbursement_id, came_from=state, to=to, note=note, changes=changes)
    if not states.move(tx, step):
        return None
    if to is State.RETURNED:
        ledger.add(tx, Entry(kind=TransferKind.ACH_RETURNED, disbursement_id=entry.disbursement_id,
                             amount_cents=entry.cents, reference=entry.trace, note=note))  # fmt: skip
    return to
