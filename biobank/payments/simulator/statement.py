"""The provider's account statement, as CSV, from the same books that answer the orders."""

import csv
import io

from biobank import clock
from biobank.payments.simulator.books import Books

HEADER = ("Date", "Description", "Reference", "Amount", "Balance")


def write_statement(books: Books) -> bytes:
    """Every movement so far between an opening and a closing line; amounts in dollars, money going out negative."""
    entries = books.rows("SELECT * FROM movements ORDER BY booked_at, seq")
    today = clock.now().date().isoformat()
    balance = books.opening_cents
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(HEADER)
    writer.writerow((entries[0]["booked_at"][:10] if entries else today, "Opening balance", "", "", dollars(balance)))
    for entry in entries:
        balance += entry["amount_cents"]
        day, amount = entry["booked_at"][:10], dollars(entry["amount_cents"])
        writer.writerow((day, entry["description"], entry["order_id"], amount, dollars(balance)))
    writer.writerow((today, "Closing balance", "", "", dollars(balance)))
    return sheet.getvalue().encode()


def dollars(cents: int) -> str:
    """Cents as dollars with two decimals: -2500 is -25.00."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"
