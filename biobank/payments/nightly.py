"""What is looked at every night: equations, the provider's orders, sealed months; what does not hold is asked."""

from biobank import clock
from biobank.db import Tx
from biobank.payments import book_facts, orders, seals, sums
from biobank.payments.equations import Equation
from biobank.payments.models import BookCheck, ExceptionKind
from biobank.payments.questions import open_exception


def check(tx: Tx) -> list[Equation]:
    """Look at every equation, keep what was seen, and ask a person about each that does not hold."""
    sums.fold(tx)
    found = [*book_facts.all_equations(tx), *orders.equations(tx), seals.equation(tx)]
    wrong = [equation for equation in found if equation.difference]
    content = [{"code": one.code, "name": one.name, "expected": one.expected, "found": one.found, "unit": one.unit}
               for one in found]  # fmt: skip
    tx.session.add(BookCheck(at=clock.now(), by=tx.actor.name, differences=len(wrong), content=content))
    for one in wrong:
        open_exception(tx, ExceptionKind.BOOKS_DIFFER, f"{one.name}: {one.expected} / {one.found}",
                       item=f"{one.code}:{clock.now().date()}")  # fmt: skip
    orders.ask(tx)
    tx.session.flush()
    return found
