"""Every file that leaves is counted, written down before its first byte, and found again by its mark."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa
import xlsxwriter
from flask import Flask
from reportlab.pdfgen.canvas import Canvas

from biobank.access import exports
from biobank.access.export_table import EXPORTS, LABELS
from biobank.access.security_models import Export, ExportCount, SecurityEvent
from biobank.access.table import ROUTES
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import TooMany, UnsafeSettings
from biobank.participants.models import ParticipantEvent, ParticipantEventKind
from biobank.web import watermark
from biobank.web.watermark import Mark
from tests.pages import Browser
from tests.participants.factories import make_participant

MARK = Mark("EX4K7M2P9QRS", "Fiona & Co", datetime(2026, 11, 20, 18, 0, tzinfo=UTC))
LIST, OWN_DATA = EXPORTS["payments.export_list"], EXPORTS["participants.data"]


def _leaving(records: int) -> exports.Leaving:
    return exports.Leaving(
        replace(MARK, number=exports.new_mark(Actor(kind="staff", name="F")).number), "x", records, "0"
    )


def test_a_table_ends_with_its_mark_and_stays_a_table() -> None:
    rows = list(csv.reader(io.StringIO(watermark.on_csv(b"a,b\r\n1,2\r\n", MARK).decode(), newline="")))
    assert rows == [["a", "b"], ["1", "2"], ["# Export EX4K7M2P9QRS; Fiona & Co; 2026-11-20 18:00 UTC", ""]]


def test_a_document_of_a_visit_is_tagged_and_any_other_has_a_field() -> None:
    tagged = json.loads(watermark.on_json(b'{"resourceType": "Bundle"}', MARK))
    assert tagged["meta"]["tag"] == [{"system": watermark.SYSTEM, "code": MARK.number, "display": MARK.words}]
    assert json.loads(watermark.on_json(b"{}", MARK)) == {"export": MARK.words}


def test_every_page_and_sheet_has_its_mark_at_the_foot(application: Flask) -> None:
    paper, sheet = io.BytesIO(), io.BytesIO()
    with application.test_request_context():
        watermark.begin(MARK)
        canvas = Canvas(paper)
        for _ in range(2):
            watermark.on_page(canvas)
            canvas.showPage()
        canvas.save()
        book = xlsxwriter.Workbook(sheet)
        book.add_worksheet("A")
        watermark.on_book(book)
        book.close()
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(paper.getvalue())]
    assert [MARK.words in page for page in pages] == [True, True]
    assert openpyxl.load_workbook(sheet).active.oddFooter.left.text.replace("&&", "&") == MARK.words
    assert [watermark.carries(file.getvalue(), MARK) for file in (paper, sheet)] == [True, True]


def test_limits_are_those_of_the_highest_role_and_of_names_their_own() -> None:
    settings = Settings(export_limits="clinic=5, biobank=70", export_people=2)
    both = Actor(kind="staff", name="B", roles=frozenset({Role.CLINIC, Role.BIOBANK}))
    assert exports.limit_of(settings, both, LIST) == 70
    assert exports.limit_of(settings, both, OWN_DATA) == 2
    assert exports.limit_of(settings, Actor(kind="staff", name="F", roles=frozenset({Role.FINANCE})), LIST) == 0


def test_limits_that_cannot_be_read_are_told() -> None:
    with pytest.raises(UnsafeSettings, match="must read like"):
        Settings(export_limits="clinic").records_by_role  # noqa: B018


def test_every_export_of_the_table_is_a_route() -> None:
    assert set(EXPORTS) | LABELS <= set(ROUTES)


def test_nobody_takes_more_than_the_days_limit(
    databases: Databases, people: dict[str, Actor], settings: Settings, noon: datetime
) -> None:
    small = replace(settings, export_limits="finance=10")
    with databases.transaction(people["fiona"]) as tx:
        exports.write_down(tx, small, LIST, _leaving(8))
        with pytest.raises(TooMany, match="2 of 10"):
            exports.write_down(tx, small, LIST, _leaving(3))
        exports.write_down(tx, small, LIST, _leaving(2))
        assert tx.session.scalars(sa.select(ExportCount.records)).all() == [10]


def test_a_list_leaves_marked_written_down_and_is_found_again(
    door: Callable[..., Browser], databases: Databases, people: dict[str, Actor]
) -> None:
    browser = door()
    browser.sign_in("fiona")
    browser.get("/payments/list.csv")
    assert browser.response is not None
    content, number = browser.response.get_data(), browser.response.headers["Export-Number"]
    with databases.transaction(read_only=True) as tx:
        kept = tx.session.scalars(sa.select(Export)).one()
        assert tx.session.scalars(sa.select(SecurityEvent.kind)).all() == ["exported"]
    assert (kept.code, kept.records, kept.sha256) == (number, 0, hashlib.sha256(content).hexdigest())
    assert number in content.decode().splitlines()[-1]
    auditor = door()
    auditor.sign_in("ada")
    assert "Fiona" in auditor.get(f"/looks/exports?file={number.lower()}").text
    assert "Fiona" in auditor.get(f"/looks/exports?file={kept.sha256}").text
    assert "No file of ours" in auditor.get("/looks/exports?file=EX0000000000").text


def test_past_the_limit_nothing_leaves_nothing_changes_and_the_auditor_hears_of_it(
    door: Callable[..., Browser], databases: Databases, people: dict[str, Actor]
) -> None:
    with databases.transaction() as tx:
        participant = make_participant(tx, people["carla"].site_id, first_name="Zyxwina")
    browser = door(export_people=0)
    browser.sign_in("carla")
    page = browser.post(f"/participants/{participant.id}/data", {"as": "page"})
    assert (browser.status, "Zyxwina" in page.html, "after midnight UTC" in page.text) == (429, False, True)
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(SecurityEvent.kind)).all() == ["export-refused"]
        kinds = tx.session.scalars(sa.select(ParticipantEvent.kind)).all()
        assert ParticipantEventKind.DATA_RETURNED not in kinds
