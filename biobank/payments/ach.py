"""Payments by bank file: prepared by one person of finance, released by another, its bytes the same for ever."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.participants import sealing
from biobank.payments import ledger, states
from biobank.payments.ach_models import AchBatch, AchEntry, FileForm, PayeeBank
from biobank.payments.cash_models import Means
from biobank.payments.ledger import Entry
from biobank.payments.models import Disbursement, Entitlement, Payee, State, TransferKind
from biobank.payments.providers import nacha
from biobank.payments.providers.nacha import AccountKind, AchRefused, Credit, Originator
from biobank.payments.states import Step

RELEASE = "payments.ach"
KEY = "payment-banks"
AT_ONCE = 5000
IN_FILE = Phrase("In the file %(sha256)s.")
RELEASED, DROPPED = Phrase("The file is released."), Phrase("The file was not released.")
_SUMMARIES = {
    FileForm.BANK: Phrase("Release the bank file %(sha256)s: %(number)s payments, %(dollars)s dollars."),
    FileForm.CARDS: Phrase("Release the file of cards %(sha256)s: %(number)s payments, %(dollars)s dollars."),
}
MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def note_account(tx: Tx, payee_id: UUID, *, routing: str, account: str, kind: AccountKind) -> None:
    """Keep the account that somebody wants to be paid to, sealed. Refused when its numbers cannot be right."""
    routing, account = routing.strip(), account.replace(" ", "").upper()
    if not nacha.is_routing(routing):
        raise Invalid("The routing number has nine digits and does not agree with its last. Read it again.",
                      code="routing")  # fmt: skip
    if not 4 <= len(account) <= 17 or not account.replace("-", "").isalnum() or not account.isascii():
        raise Invalid("The account number has 4 to 17 digits. Read it again.", code="account")
    text = json.dumps({"routing": routing, "account": account, "kind": str(kind)})
    sealed = sealing.seal(tx.databases.keys(KEY), text, table="payee_bank", column="sealed", row=payee_id)
    kept = tx.session.get(PayeeBank, payee_id) or PayeeBank(payee_id=payee_id)
    kept.sealed, kept.last4, kept.change_code = sealed, account[-4:], None
    kept.noted_at, kept.noted_by = clock.now(), tx.actor.name
    tx.session.add(kept)
    tx.session.flush()


def last4_of(tx: Tx, payee_id: UUID) -> str:
    """The end of the account that somebody is paid to, empty where none is kept or the bank says it has changed."""
    kept = sa.select(PayeeBank.last4).where(PayeeBank.payee_id == payee_id, PayeeBank.change_code.is_(None))
    return tx.session.scalar(kept) or ""


def _credit(tx: Tx, payment: Disbursement, payee: Payee) -> Credit:
    sealed = tx.session.scalars(sa.select(PayeeBank.sealed).filter_by(payee_id=payee.id)).one()
    opened = sealing.unseal(tx.databases.keys(KEY), sealed, table="payee_bank", column="sealed", row=payee.id)
    told = json.loads(opened)
    # The bank learns the F code, no name: who is paid for a study is nobody else's business.
    return Credit(reference=payee.code[:15], name=payee.code, routing=told["routing"], account=told["account"],
                  kind=AccountKind(told["kind"]), cents=payment.amount_cents)  # fmt: skip


def _ready() -> sa.Select[Disbursement, Payee]:
    return (
        sa.select(Disbursement, Payee)
        .join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        .join(Payee, Payee.id == Entitlement.payee_id)
        .join(PayeeBank, PayeeBank.payee_id == Payee.id)
        .where(Disbursement.state == State.QUEUED, Disbursement.provider == Means.BANK, PayeeBank.change_code.is_(None))
        .order_by(Disbursement.id)
    )


def ready(tx: Tx) -> int:
    """How many payments would go into a file now."""
    return tx.session.scalars(sa.select(sa.func.count()).select_from(_ready().subquery())).one()


def prepare(tx: Tx, originator: Originator) -> AchBatch:
    """Seal a file of every payment that is ready, and ask a second person to release it."""
    found = tx.session.execute(_ready().limit(AT_ONCE).with_for_update(of=Disbursement)).all()
    if not found:
        raise Conflict("No payment waits for a bank file.", code="none-ready")
    now, today = clock.now(), clock.now().date()
    modifier, last = free_modifier(tx), last_trace(tx, FileForm.BANK)
    try:
        raw, entries = nacha.write(
            originator, [_credit(tx, payment, payee) for payment, payee in found], made_at=now, modifier=modifier,
            effective_on=_effective(today), first=int(last[8:]) + 1 if last else 1,
        )  # fmt: skip
        nacha.read(raw)
    except AchRefused as problem:
        raise Invalid("The bank file cannot be written: %(why)s.", code="ach", why=str(problem)) from problem
    traced = [(payment, entry.trace) for (payment, _), entry in zip(found, entries, strict=True)]
    return keep_file(tx, FileForm.BANK, raw, traced, modifier)


def free_modifier(tx: Tx) -> str:
    """What tells this day's next file from its others."""
    used = tx.session.scalars(sa.select(AchBatch.modifier).filter_by(made_on=clock.now().date())).all()
    modifier = next((one for one in MODIFIERS if one not in used), None)
    if modifier is None:
        raise Conflict("A bank takes 36 files a day at most. Go on tomorrow.", code="files-full")
    return modifier


def last_trace(tx: Tx, form: FileForm) -> str | None:
    """The last trace that a file of this form carries."""
    query = sa.select(sa.func.max(AchEntry.trace)).join(AchBatch, AchBatch.id == AchEntry.batch_id)
    return tx.session.scalar(query.where(AchBatch.form == form))


def _effective(today: date) -> date:
    """The second weekday after this one; the bank moves it over its own holidays."""
    day, left = today, 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def keep_file(tx: Tx, form: FileForm, raw: bytes, paid: Sequence[tuple[Disbursement, str]], modifier: str) -> AchBatch:
    """Seal these bytes, put each payment under its trace, and ask a second person."""
    key, digest, today = new_id(), hashlib.sha256(raw).hexdigest(), clock.now().date()
    text = sealing.seal(tx.databases.keys(KEY), raw.decode("ascii"), table="ach_batch", column="sealed", row=key)
    cents = sum(payment.amount_cents for payment, _ in paid)
    batch = AchBatch(
        id=key, sha256=digest, sealed=text, form=form, made_on=today, modifier=modifier, effective_on=_effective(today),
        entries=len(paid), cents=cents, prepared_at=clock.now(), prepared_by_id=tx.actor.id, prepared_by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(batch)
    tx.session.flush()
    for payment, trace in paid:
        tx.session.add(AchEntry(batch_id=key, disbursement_id=payment.id, trace=trace, cents=payment.amount_cents,
                                is_live=True))  # fmt: skip
        changes = {"lease_token": f"ach:{digest[:32]}", "next_at": None}
        _step(tx, payment.id, State.QUEUED, State.SENDING, IN_FILE % {"sha256": digest}, **changes)
    tx.session.flush()
    approvals.ask(
        tx, kind=RELEASE, subject=key, payload={"sha256": digest},
        summary=_SUMMARIES[form],
        words={"sha256": digest[:16], "number": str(len(paid)), "dollars": f"{cents // 100}.{cents % 100:02}"},
    )  # fmt: skip
    return batch


def batch_of(tx: Tx, batch_id: UUID) -> AchBatch:
    """The file of this key, as it stands."""
    query = sa.select(AchBatch).filter_by(id=batch_id).execution_options(populate_existing=True)
    found = tx.session.scalar(query)
    if found is None:
        raise NotFound("There is no such bank file. Go back to the list.")
    return found


def _entries(tx: Tx, batch_id: UUID) -> Sequence[AchEntry]:
    return tx.session.scalars(sa.select(AchEntry).filter_by(batch_id=batch_id, is_live=True)).all()


def release(tx: Tx, batch_id: UUID, sha256: str) -> None:
    """Every payment of the file counts as sent from now on; the actor is the second person."""
    batch = batch_of(tx, batch_id)
    if batch.sha256 != sha256 or batch.released_at or batch.dropped_at:
        raise Conflict("This bank file is released or dropped already, or is another one.", code="moved-on")
    batch.released_at, batch.released_by_id, batch.released_by = clock.now(), tx.actor.id, tx.actor.name
    tx.session.flush()
    for entry in _entries(tx, batch_id):
        sent = {"provider_ref": entry.trace, "sent_at": clock.now(), "lease_token": None}
        _step(tx, entry.disbursement_id, State.SENDING, State.SENT, RELEASED, **sent)
        ledger.add(tx, Entry(kind=TransferKind.ACH_RELEASED, disbursement_id=entry.disbursement_id,
                             amount_cents=entry.cents, reference=entry.trace))  # fmt: skip


def drop(tx: Tx, batch_id: UUID) -> None:
    """A file that nobody released has never left us: its payments wait for another one."""
    batch = batch_of(tx, batch_id)
    if batch.released_at or batch.dropped_at:
        raise Conflict("This bank file is released or dropped already, or is another one.", code="moved-on")
    batch.dropped_at = clock.now()
    for entry in _entries(tx, batch_id):
        entry.is_live = False
        free = {"lease_token": None, "next_at": clock.now()}
        _step(tx, entry.disbursement_id, State.SENDING, State.QUEUED, DROPPED, **free)
    tx.session.flush()


def bytes_of(tx: Tx, batch_id: UUID) -> bytes:
    """The file's bytes, the same each time; only of a released one."""
    batch = batch_of(tx, batch_id)
    if batch.released_at is None:
        raise Conflict("A second person must release this bank file first.", code="not-released")
    sealed = tx.session.scalars(sa.select(AchBatch.sealed).filter_by(id=batch_id)).one()
    text = sealing.unseal(tx.databases.keys(KEY), sealed, table="ach_batch", column="sealed", row=batch_id)
    if hashlib.sha256(text.encode("ascii")).hexdigest() != batch.sha256:
        raise Conflict("The bank file is not what was sealed. Send nothing, and call support.", code="altered")
    return text.encode("ascii")


def batches(tx: Tx, most: int = 50) -> Sequence[AchBatch]:
    """The files, the newest first."""
    return tx.session.scalars(sa.select(AchBatch).order_by(AchBatch.id.desc()).limit(most)).all()


def _step(tx: Tx, payment_id: UUID, came_from: State, to: State, note: str, **changes: object) -> None:
    if not states.move(tx, Step(disbursement_id=payment_id, came_from=came_from, to=to, note=note, changes=changes)):
        raise Conflict(
            "A payment was changed by somebody else in the meantime. Prepare the file anew.", code="moved-on"
        )
