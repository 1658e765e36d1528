"""ISO 20022 camt.053 (bank to customer statement), versions 02 to 13; read without entities, DTDs or look-ups."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from biobank.errors import Phrase
from biobank.payments.statements import Frame, Movement, Statement, StatementRefused, build, cents_of

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-3])", re.ASCII)
DAMAGED = Phrase("The file is no camt.053 statement. Ask the bank for one, or choose another form.")
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read(data: bytes, account: str) -> Statement:
    """The one account of this document, its statements joined in their order; raises StatementRefused.

    Entries that are not booked yet (pending, for information) are no movements. A batch whose transactions each have
    an amount, and come to the entry's, is read transaction by transaction.
    """
    statements = _statements(data)
    numbers = {_account_number(one) for one in statements}
    if len(numbers) != 1:
        raise StatementRefused("The file holds several accounts, or none. Ask the bank for one account in each file.")
    frames = [_frame(one, account) for one in statements]
    for before, after in pairwise(frames):
        if before.closing != after.opening:
            raise StatementRefused("A statement in the file does not begin where the one before ended. Ask the bank "
                                   "for the file again.")  # fmt: skip
    frame = Frame(account=account, opened_on=frames[0].opened_on, closed_on=frames[-1].closed_on,
                  opening=frames[0].opening, closing=frames[-1].closing, bank_account=numbers.pop())  # fmt: skip
    return build(frame, (movement for one in statements for movement in _movements(one)))


def _statements(data: bytes) -> Sequence[Element]:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise StatementRefused(DAMAGED) from error
    space, _, name = root.tag.rpartition("}")
    if name != "Document" or not NAMESPACE.fullmatch(space.removeprefix("{")):
        raise StatementRefused(DAMAGED)
    for element in root.iter():
        # The versions differ in their namespace alone, as far as it is read here.
        element.tag = element.tag.rpartition("}")[2]
    found = root.findall("BkToCstmrStmt/Stmt")
    if not found:
        raise StatementRefused(DAMAGED)
    return found


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _account_number(statement: Element) -> str:
    return (_text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id"))[:40]


def _frame(statement: Element, account: str) -> Frame:
    opening, closing = _balance(statement, OPENING), _balance(statement, CLOSING)
    _check_summary(statement)
    return Frame(account=account, opened_on=opening[1], closed_on=closing[1], opening=opening[0], closing=closing[0])


def _balance(statement: Element, kinds: Sequence[str]) -> tuple[int, date]:
    for kind in kinds:
        for balance in statement.findall("Bal"):
            if _text(balance, "Tp/CdOrPrtry/Cd") == kind:
                return _cents(balance), _day(balance, "Dt")
    raise StatementRefused("The statement has no booked balance of the kind %(kind)s. Ask the bank to include it.",
                           kind=kinds[0])  # fmt: skip


def _amount(element: Element, path: str) -> int:
    amount = element.find(path)
    if amount is None or amount.get("Ccy") != "USD":
        raise StatementRefused("An amount of the statement is missing or is not in US dollars.")
    cents = cents_of(amount.text or "", 0)
    if cents < 0:
        raise StatementRefused(DAMAGED)
    return cents


def _cents(element: Element, path: str = "Amt") -> int:
    side = _text(element, "CdtDbtInd")
    if side not in ("CRDT", "DBIT"):
        raise StatementRefused(DAMAGED)
    return _amount(element, path) * (1 if side == "CRDT" else -1)


def _day(element: Element, path: str) -> date:
    written = _text(element, f"{path}/Dt") or _text(element, f"{path}/DtTm")
    try:
        return date.fromisoformat(written[:10])
    except ValueError as error:
        raise StatementRefused("The statement has the day %(day)s, which cannot be read.",
                               day=repr(written[:20])) from error  # fmt: skip


def _check_summary(statement: Element) -> None:
    """The bank's own count and sum of entries, where it gives them."""
    entries, total = statement.findall("Ntry"), statement.find("TxsSummry/TtlNtries")
    if total is None:
        return
    count, sums = _text(total, "NbOfNtries"), _text(total, "Sum")
    if count and count != str(len(entries)):
        raise StatementRefused("The bank counts %(count)s entries, the file holds %(found)s. Ask for the file again.",
                               count=count[:15], found=len(entries))  # fmt: skip
    if sums and cents_of(sums, 0) != sum(_amount(entry, "Amt") for entry in entries):
        raise StatementRefused("The bank's sum of the entries is not what the entries come to. Ask for the file again.")


def _movements(statement: Element) -> Iterator[Movement]:
    for entry in statement.findall("Ntry"):
        # Version 02 has the status as text, later ones as a code.
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status == "BOOK":
            yield from _entry(entry)


def _entry(entry: Element) -> Iterator[Movement]:
    cents, day = _cents(entry), _day(entry, "BookgDt")
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part(detail) for detail in details]
    is_split = len(parts) > 1 and None not in parts and sum(part or 0 for part in parts) == abs(cents)
    bank_id = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    if is_split:
        sign = 1 if cents > 0 else -1
        for detail, part in zip(details, parts, strict=True):
            yield Movement(day=day, text=_words(entry, [detail]), cents=sign * (part or 0),
                           reference=_text(detail, "Refs/AcctSvcrRef") or bank_id,
                           return_code=_code([detail]))  # fmt: skip
        return
    yield Movement(day=day, text=_words(entry, details), reference=bank_id, cents=cents, return_code=_code(details))


def _part(detail: Element) -> int | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if detail.find(path) is not None:
            return _amount(detail, path)
    return None


def _code(details: Sequence[Element]) -> str | None:
    return next((code for one in details if (code := _text(one, "RtrInf/Rsn/Cd"))), None)


def _words(entry: Element, details: Sequence[Element]) -> str:
    found = [_text(entry, "AddtlNtryInf")]
    for detail in details:
        found += [_text(detail, path) for path in ("Refs/EndToEndId", "Refs/InstrId", "AddtlTxInf")]
        found += [" ".join((line.text or "").split()) for line in detail.findall("RmtInf/Ustrd")]
    return " ".join(words for words in found if words and words != "NOTPROVIDED")
