"""The forms in which banks and providers give their statements, each read whole or refused whole."""

from collections.abc import Callable, Mapping

from biobank.payments.book_models import StatementForm
from biobank.payments.formats import ach_returns, bai2, camt053, ofx, tremendous
from biobank.payments.statements import Statement, StatementRefused, read_csv

READERS: Mapping[StatementForm, Callable[[bytes, str], Statement]] = {
    StatementForm.CSV: lambda data, account: read_csv(data, account=account),
    StatementForm.BAI2: bai2.read,
    StatementForm.CAMT053: camt053.read,
    StatementForm.OFX: ofx.read,
    StatementForm.TREMENDOUS: tremendous.read,
    StatementForm.ACH_RETURNS: ach_returns.read,
}


def read(form: StatementForm, data: bytes, account: str) -> Statement:
    """The statement in these bytes; raises StatementRefused with a sentence for whoever brought the file."""
    if form not in READERS:
        raise StatementRefused("Choose the saved layout of this CSV file's source.")
    return READERS[form](data, account)


def recognise(data: bytes) -> StatementForm:
    """The form that these bytes show by their beginning; CSV where nothing else is seen."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000]
    if head.startswith((b"{", b"[")):
        return StatementForm.TREMENDOUS
    if b"OFXHEADER" in head or b"<OFX>" in head:
        return StatementForm.OFX
    if head.startswith(b"<"):
        return StatementForm.CAMT053
    if head.startswith(b"01,"):
        return StatementForm.BAI2
    return StatementForm.ACH_RETURNS if head.startswith(b"101 ") else StatementForm.CSV
