"""What an entry of the ledger is, in words, and which account an equation speaks of."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from biobank.payments import ledger
from biobank.payments.models import TransferKind

ENTRIES: Mapping[TransferKind, LazyString] = {
    TransferKind.ACCRUAL: lazy_gettext("Earned"),
    TransferKind.DECLINED: lazy_gettext("Not wanted"),
    TransferKind.REVOKED: lazy_gettext("Taken back"),
    TransferKind.PAYMENT: lazy_gettext("Paid by the provider"),
    TransferKind.FEE: lazy_gettext("The provider's fee"),
    TransferKind.REFUNDED: lazy_gettext("Money came back"),
    TransferKind.FEE_BACK: lazy_gettext("The fee came back"),
    TransferKind.TOPUP_SENT: lazy_gettext("Top-up sent"),
    TransferKind.TOPUP_CREDITED: lazy_gettext("Top-up arrived"),
    TransferKind.TOPUP_REVERSED: lazy_gettext("Top-up undone"),
    TransferKind.CARD_GIVEN: lazy_gettext("Gift card given"),
    TransferKind.CASH_GIVEN: lazy_gettext("Cash given"),
    TransferKind.CARDS_BOUGHT: lazy_gettext("Gift cards bought"),
    TransferKind.FLOAT_FILLED: lazy_gettext("Cash from the bank"),
    TransferKind.FLOAT_BANKED: lazy_gettext("Cash to the bank"),
    TransferKind.ACH_RELEASED: lazy_gettext("Bank file released"),
    TransferKind.ACH_DEBITED: lazy_gettext("Charged by the bank"),
    TransferKind.ACH_RETURNED: lazy_gettext("Bank transfer returned"),
    TransferKind.ACH_CREDITED: lazy_gettext("Returned money arrived"),
    TransferKind.CARDS_SHORT: lazy_gettext("Gift cards missing"),
    TransferKind.CARDS_OVER: lazy_gettext("Gift cards too many"),
    TransferKind.FLOAT_SHORT: lazy_gettext("Cash missing"),
    TransferKind.FLOAT_OVER: lazy_gettext("Cash too much"),
    TransferKind.DORMANT: lazy_gettext("Unclaimed"),
    TransferKind.ESCHEATED: lazy_gettext("Handed to the state"),
    TransferKind.BANK_FEE: lazy_gettext("The bank's fee"),
    TransferKind.SUSPENSE_OUT: lazy_gettext("Money out, to be explained"),
    TransferKind.SUSPENSE_IN: lazy_gettext("Money in, to be explained"),
    TransferKind.BANK_SUSPENSE_OUT: lazy_gettext("Money out, to be explained"),
    TransferKind.BANK_SUSPENSE_IN: lazy_gettext("Money in, to be explained"),
    TransferKind.SUSPENSE_LOSS: lazy_gettext("Never explained: a loss"),
    TransferKind.SUSPENSE_GAIN: lazy_gettext("Never explained: a gain"),
    TransferKind.REVERSAL: lazy_gettext("Undone"),
}


def account_in(code: str) -> str:
    """The account that an equation of a statement speaks of, empty for every other equation."""
    kind, _, account = code.lstrip("=").partition("-")
    return account if kind in {"statements", "bank"} and account in ledger.ACCOUNTS else ""
