"""The table of stock: what lies in a printer decides what it prints, and every label is told how the printer is set."""

from decimal import Decimal
from typing import Any

import pytest

from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid
from biobank.printing import actions
from biobank.printing.models import LabelSheet, LabelStock
from biobank.printing.stock_schemas import SheetSchema
from biobank.stations import actions as stations
from labels import load_stock, render, stocks
from tests.pages import Browser
from tests.stations.factories import Desk, make_desk, make_label, make_printer

SIZES = {"width_mm": "50", "height_mm": "25", "gap_mm": "3", "margin_mm": "1"}
BOXES = SIZES | {"name": "Rolls of spring", "material": "polypropylene", "printer": "thermal transfer"}


def make_stock(tx: Tx, name: str = "Tubes", width: str = "50", height: str = "25", **values: Any) -> LabelStock:
    sizes = {"width_mm": width, "height_mm": height, "gap_mm": "3", "margin_mm": "0"} | values
    return actions.add_stock(tx, name=name, material="paper", printer="thermal",
                             **{key: Decimal(text) for key, text in sizes.items()})  # fmt: skip


def test_a_label_goes_to_the_printer_with_labels_of_its_size(tx: Tx) -> None:
    desk = make_desk(tx)
    small, large = make_printer(tx, desk, "a-cryo"), make_printer(tx, desk, "b-tubes")
    actions.adjust_printer(tx, small.id, version=1, stock_id=make_stock(tx, "Cryo", "24", "13").id)
    actions.adjust_printer(tx, large.id, version=1, stock_id=make_stock(tx).id)
    assert make_label(tx, desk).printer == "b-tubes"


def test_a_label_that_no_printer_has_room_for_is_refused_with_the_way_out(tx: Tx) -> None:
    desk = make_desk(tx)
    printer = make_printer(tx, desk)
    actions.adjust_printer(tx, printer.id, version=1, stock_id=make_stock(tx, "Cryo", "24", "13").id)
    with pytest.raises(Conflict, match="Load such labels"):
        make_label(tx, desk)


def test_every_label_is_told_how_its_printer_is_set(tx: Tx) -> None:
    desk = make_desk(tx)
    printer, stock = make_printer(tx, desk), make_stock(tx, margin_mm="1")
    actions.adjust_printer(tx, printer.id, version=1, stock_id=stock.id, offset_x_mm=Decimal("0.5"),
                           offset_y_mm=Decimal(-1), darkness=4, speed=3)  # fmt: skip
    job = make_label(tx, desk)
    (work,) = stations.claim_print_jobs(tx, desk.id)
    plain = render("tube-50x25", job.data, "zpl", 203)
    assert work.content == plain.replace(b"^CI28^PW400", b"^CI28^LS-12^LT-8^MNW^MD4^PR3^PW412")


def test_the_test_label_is_a_ruler_of_the_size_that_lies_in_the_printer(tx: Tx) -> None:
    desk = make_desk(tx)
    printer = make_printer(tx, desk)
    actions.adjust_printer(tx, printer.id, version=1, stock_id=make_stock(tx, "Cryo", "24", "13").id)
    job = stations.print_test_label(tx, desk.id, printer.id)
    (work,) = stations.claim_print_jobs(tx, desk.id)
    assert (job.template, job.object_code[0]) == ("ruler-24x13", "T")
    assert b"^LL104" in work.content


def test_two_who_set_a_printer_at_once_do_not_undo_each_other(tx: Tx) -> None:
    printer = make_printer(tx, make_desk(tx))
    actions.adjust_printer(tx, printer.id, version=1, darkness=5)
    with pytest.raises(Conflict, match="meanwhile"):
        actions.adjust_printer(tx, printer.id, version=1, darkness=9)


def test_stock_that_a_printer_has_stays_in_the_table(tx: Tx) -> None:
    printer, stock = make_printer(tx, make_desk(tx)), make_stock(tx)
    actions.adjust_printer(tx, printer.id, version=1, stock_id=stock.id)
    with pytest.raises(Conflict, match="A printer has this stock"):
        actions.remove_stock(tx, stock.id)


def test_an_administrator_keeps_the_table(ada: Browser, databases: Databases) -> None:
    assert "Cryo 24 x 13" in _taken(ada).text
    ada.submit("Add", **BOXES)
    with databases.transaction() as tx:
        made = next(one for one in actions.stocks(tx) if one.name == "Rolls of spring")
    ada.get(f"/labels/stock/{made.id}")
    assert "Enter a number" in ada.submit("Save", width_mm="many").text
    assert "50.8" in ada.submit("Save", width_mm="50.8").text
    ada.get(f"/labels/stock/{made.id}")
    assert "Rolls of spring" not in ada.submit("Take it out of the table").text


def test_an_administrator_sets_a_printer_and_prints_the_ruler(ada: Browser, databases: Databases, desk: Desk) -> None:
    _taken(ada)
    with databases.transaction() as tx:
        (printer,), stock = actions.printers(tx), actions.stocks(tx)[0]
    ada.get(f"/labels/printers/{printer.id}")
    assert "from -5.0 to 5.0" in ada.submit("Save", offset_x_mm="9").text
    page = ada.submit("Save", offset_x_mm="-0.5", darkness="3", stock_id=str(stock.id))
    assert "Print the ruler, and measure" in page.text
    ada.submit("Print the ruler")
    with databases.transaction() as tx:
        (work,) = stations.claim_print_jobs(tx, desk.id)
    assert work.content.startswith(b"^XA^CI28^LS-4^MNW^MD3^PW")


def test_stock_and_settings_go_over_json(ada: Browser, databases: Databases, desk: Desk) -> None:
    sent = {"Idempotency-Key": "a", "Sec-Fetch-Site": "same-origin"}
    made = ada.client.post("/api/v1/label-stocks", json=BOXES, headers=sent)
    at = f"/api/v1/label-stocks/{made.json['id']}"
    tag = {"If-Match": ada.client.get(at).headers["ETag"]}
    assert ada.client.put(at, json=BOXES | {"gap_mm": "2.5"}, headers=sent | tag).json["gap_mm"] == "2.5"
    assert ada.client.put(at, json=BOXES, headers=sent | tag | {"Idempotency-Key": "b"}).status_code == 412
    with databases.transaction() as tx:
        (printer,) = actions.printers(tx)
    at = f"/api/v1/label-printers/{printer.id}"
    tag = {"If-Match": ada.client.get(at).headers["ETag"]}
    told = {"stock_id": made.json["id"], "offset_x_mm": "0.75", "speed": 4}
    answer = ada.client.put(at, json=told, headers=sent | tag | {"Idempotency-Key": "c"})
    assert (answer.json["offset_x_mm"], answer.json["speed"], answer.json["version"]) == ("0.75", 4, 2)


def test_a_shipped_sheet_is_measured_anew_and_put_back(tx: Tx) -> None:
    shipped = actions.sheet(tx, "lcry-1700")
    assert actions.change_sheet(tx, "lcry-1700", version=0, **_sizes(shipped, first_x_mm="20.5")).version == 1
    assert actions.change_sheet(tx, "lcry-1700", version=1, **_sizes(shipped, first_x_mm="20")).version == 2
    assert actions.as_stock(actions.sheet(tx, "lcry-1700")).first_mm == (20, 6.1)
    with pytest.raises(Conflict, match="meanwhile"):
        actions.change_sheet(tx, "lcry-1700", version=0, **_sizes(shipped))
    actions.remove_sheet(tx, "lcry-1700")
    assert actions.as_stock(actions.sheet(tx, "lcry-1700")) == load_stock("lcry-1700")


def test_a_sheet_whose_labels_overlap_or_that_has_a_taken_name_is_refused(tx: Tx) -> None:
    shipped = actions.sheet(tx, "ttlw-2016")
    with pytest.raises(Invalid, match="Measure again: The labels of trial overlap"):
        actions.add_sheet(tx, code="trial", **_sizes(shipped, pitch_y_mm="10"))
    with pytest.raises(Conflict, match="There is a sheet called ttlw-2016"):
        actions.add_sheet(tx, code="ttlw-2016", **_sizes(shipped))
    assert [one.code for one in actions.sheets(tx)] == list(stocks())


def test_an_administrator_measures_sheets_on_the_page_and_over_json(ada: Browser) -> None:
    ada.get("/labels/stock")
    ada.get(ada.page.links["LCRY-1700 cryogenic laser labels"])
    assert "leave the paper" in ada.submit("Save", first_x_mm="60").text
    assert "Avery 5167" in ada.submit("Save", first_x_mm="20", note="our sheets of May").text
    ada.get("/labels/sheets?like=lcry-1700")
    assert "Use 2 to 40 small letters" in ada.submit("Add", code="Our own", name="Ours", note="measured").text
    assert "Ours" in ada.submit("Add", code="ours", name="Ours", note="measured").text
    ada.get("/labels/sheets/ours.pdf")
    at = "/api/v1/label-sheets/ours"
    read = ada.client.get(at)
    sent = {"Idempotency-Key": "a", "Sec-Fetch-Site": "same-origin", "If-Match": read.headers["ETag"]}
    sizes = {key: read.json[key] for key in read.json if key not in ("code", "version", "changed_at", "changed_by")}
    assert ada.client.put(at, json=sizes | {"down": 16}, headers=sent).json["version"] == 2
    assert ada.client.put(at, json=sizes, headers=sent | {"Idempotency-Key": "b"}).status_code == 412


def _sizes(sheet: LabelSheet, **changes: str) -> dict[str, Any]:
    kept = SheetSchema(exclude=("code", "version", "changed_at", "changed_by")).dump(sheet)
    return dict(SheetSchema().load(kept | changes))


def _taken(ada: Browser) -> Any:
    ada.get("/labels/stock")
    return ada.submit("Add the sizes of the shipped designs")
