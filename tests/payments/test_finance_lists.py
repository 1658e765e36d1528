"""Lists of payments: narrowed, counted, kept under a name, and given out exactly as they are shown."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases, Tx
from biobank.payments import list_files, listing
from biobank.payments.listing import Wanted
from biobank.payments.models import Disbursement, SavedView
from tests.pages import Browser
from tests.payments.factories import make_payment, make_site_id, sent


def _two_sites(tx: Tx) -> tuple[UUID, Disbursement, Disbursement]:
    """A payment sent for one site, one that waits for another."""
    site_id = make_site_id(tx)
    return site_id, sent(tx, make_payment(tx, site_id)), make_payment(tx)


@pytest.mark.usefixtures("noon")
def test_a_list_is_narrowed_by_site_way_day_and_state(tx: Tx) -> None:
    site_id, first, second = _two_sites(tx)
    today = clock.now().date()

    def found(**narrowed: object) -> set[UUID]:
        return {one.id for one in tx.session.scalars(listing.payments(Wanted(**narrowed)))}  # type: ignore[arg-type]

    assert found(site_id=site_id) == found(provider="p") == found(state="sent") == {first.id}
    assert found(since=today, until=today) == {first.id, second.id}
    assert found(since=today + timedelta(days=1)) == found(until=today - timedelta(days=1)) == set()
    assert (listing.counted(tx, listing.payments(Wanted())), listing.ways(tx)) == ((2, 5000), ["p"])


@pytest.mark.usefixtures("noon")
def test_a_list_is_given_out_as_csv_and_xlsx_with_codes_alone(tx: Tx) -> None:
    site_id, first, _ = _two_sites(tx)
    narrowed = Wanted(site_id=site_id)
    sheet = list(csv.DictReader(io.StringIO(list_files.to_csv(list_files.rows(tx, narrowed)).decode())))
    assert [(row["Reference"], row["Amount"], row["State"]) for row in sheet] == [(first.external_id, "25.00", "sent")]
    book = openpyxl.load_workbook(io.BytesIO(list_files.to_xlsx(list_files.rows(tx, narrowed))))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert cells[0] == list(list_files.HEADER)
    assert [(row[4], row[6]) for row in cells[1:]] == [(25, first.external_id)]


def test_what_a_spreadsheet_would_calculate_is_text() -> None:
    assert list_files.to_csv(iter([("=1+1", "BB", "-2")])) == b"'=1+1,BB,'-2\r\n"


@pytest.mark.usefixtures("noon")
def test_a_list_that_is_too_long_for_a_sheet_is_refused(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_sites(tx)
    monkeypatch.setattr(list_files, "MOST", 1)
    with pytest.raises(Exception, match="more than 1 payments"):
        list(list_files.rows(tx, Wanted()))


def test_finance_narrows_keeps_and_gives_out_a_list(databases: Databases, finance: Browser) -> None:
    with databases.transaction() as tx:
        _, first, second = _two_sites(tx)
        references = first.external_id, second.external_id
    page = finance.get("/payments?state=sent&provider=p&since=nonsense")
    assert references[0] in page.text
    assert references[1] not in page.text
    assert "1 payment, $25.00" in page.text
    finance.submit("Keep", name="Out there")
    assert finance.get("/payments").links["Out there"] == "/payments?state=sent&provider=p"
    finance.get("/payments/list.csv?state=sent&provider=p")
    assert finance.response is not None
    file = finance.response.get_data(as_text=True)
    assert (references[0] in file, references[1] in file) == (True, False)
    with databases.transaction() as tx:
        view_id = tx.session.scalars(sa.select(SavedView.id)).one()
    finance.post(f"/payments/views/{view_id}/forget", {})
    assert "Out there" not in finance.get("/payments").links
