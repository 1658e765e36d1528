"""What must hold of cash and cards: what the sites' own rows say is what the ledger says, site by site and in all."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import ledger
from biobank.payments.card_stock import IN_SAFE
from biobank.payments.cash_models import CardItem, FloatMove
from biobank.payments.equations import Equation
from biobank.payments.models import Transfer


def equations(tx: Tx) -> Iterator[Equation]:
    """The floats, the cards' faces, and that no site's share of either account differs."""
    cash = sa.select(FloatMove.site_id, sa.func.sum(FloatMove.cents)).group_by(FloatMove.site_id)
    cards = sa.select(CardItem.site_id, sa.func.sum(CardItem.face_cents)).group_by(CardItem.site_id)
    yield _compare(tx, "float", Phrase("Floats in the ledger = cash moved at the sites"), ledger.FLOAT, cash)
    yield _compare(tx, "cards", Phrase("Cards in the ledger = cards in the safes"), ledger.CARDS,
                   cards.where(CardItem.state.in_(IN_SAFE)))  # fmt: skip


def _compare(tx: Tx, code: str, name: Phrase, account: str, rows: sa.Select[UUID, int]) -> Equation:
    signed = sa.case((Transfer.debit == account, Transfer.amount_cents), else_=-Transfer.amount_cents)
    by_site = sa.select(Transfer.site_id, sa.func.sum(signed)).group_by(Transfer.site_id)
    booked = {site: int(cents) for site, cents in tx.session.execute(
        by_site.where(sa.or_(Transfer.debit == account, Transfer.credit == account)))}  # fmt: skip
    kept = {site: int(cents or 0) for site, cents in tx.session.execute(rows)}
    off = sum(abs(booked.get(site, 0) - kept.get(site, 0)) for site in booked.keys() | kept.keys())
    return Equation(code=code, name=name, expected=0, found=off)
