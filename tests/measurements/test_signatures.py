"""A signature under measurements: name, time and meaning, and INVALID once it does not fit what it stands under."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask

from biobank import clock
from biobank.access.signature_models import Signature
from biobank.app import open_on
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.measurements import actions, history
from biobank.measurements.models import MeasurementEntry
from biobank.measurements.sheet import Sheet
from biobank.measurements.signing import signature_of
from tests.audit.factories import change, disarm
from tests.measurements.desk import Desk, Program, words
from tests.measurements.factories import measure_all, type_in
from tests.pages import Browser

HEIGHT = sa.select(MeasurementEntry.id).filter_by(field="height").order_by(MeasurementEntry.seq).limit(1)
MINUTE = timedelta(minutes=1)


def finish(tx: Any, visit: Any) -> Sheet:
    return actions.finalise(tx, visit.id, measure_all(tx, visit).record.version)


def correct(tx: Any, visit: Any) -> Sheet:
    history.amend(tx, visit.id, reason="wrong-value")
    return actions.finalise(tx, visit.id, type_in(tx, visit, height="171.0").record.version)


def _is_valid(desk: Desk) -> bool:
    with desk.databases.transaction(read_only=True) as tx:
        signature = signature_of(tx, actions.sheet_of(tx, desk.visit.id))
    assert signature is not None
    return signature.is_valid


def test_who_finishes_signs_with_name_time_and_meaning(browser: Browser, program: Program, desk: Desk) -> None:
    assert program.get().get_json()["signature"] is None
    desk.do(finish)
    browser.sign_in("carla")
    assert "I took these measurements, and they are what I saw." in words(browser.get(desk.address))
    told = program.get().get_json()["signature"]
    assert (told["by"], told["meaning"], told["is_valid"]) == ("Otto Other", "measured", True)


def test_the_signature_stands_on_the_paper(browser: Browser, desk: Desk) -> None:
    desk.do(finish)
    browser.sign_in("carla")
    paper = pypdfium2.PdfDocument(BytesIO(browser.client.get(f"{desk.address}/summary.pdf").data))
    texts = [page.get_textpage().get_text_range() for page in paper]
    assert ["signed by Otto Other" in text or "firmado por Otto Other" in text for text in texts] == [True, True]


def test_each_version_bears_its_own_signature(browser: Browser, desk: Desk) -> None:
    desk.do(finish)
    desk.do(correct)
    assert _is_valid(desk)
    browser.sign_in("carla")
    assert "I corrected these measurements" in words(browser.get(desk.address))
    assert "I took these measurements" in words(browser.get(f"{desk.address}/versions/1"))


@pytest.mark.parametrize(
    "forged",
    [
        sa.update(MeasurementEntry).where(MeasurementEntry.id == HEIGHT.scalar_subquery()).values(value="199.9"),
        sa.update(MeasurementEntry).where(MeasurementEntry.id == HEIGHT.scalar_subquery()).values(by="Somebody Else"),
        sa.update(Signature).values(staff_name="Somebody Else"),
        sa.update(Signature).values(at=clock.now()),
        sa.update(Signature).values(meaning="corrected"),
        sa.update(Signature).values(record_sha256="0" * 64),
    ],
    ids=["a value", "who typed it", "the name", "the time", "the meaning", "the digest"],
)
def test_what_is_changed_past_the_programme_shows_invalid(browser: Browser, desk: Desk, forged: sa.Update) -> None:
    desk.do(finish)
    disarm(desk.databases, "measurement_entry", "signature")
    assert _is_valid(desk)
    change(desk.databases, forged)
    browser.sign_in("carla")
    assert "INVALID" in browser.get(desk.address).text


def test_a_signature_that_was_moved_shows_invalid(desk: Desk) -> None:
    desk.do(finish)
    desk.do(correct)
    disarm(desk.databases, "signature")
    ids = sa.select(Signature.record_id).order_by(Signature.id)
    with desk.databases.transaction(read_only=True) as tx:
        first, second = tx.session.scalars(ids).all()
    change(
        desk.databases,
        sa.delete(Signature).filter_by(record_id=second),
        sa.update(Signature).filter_by(record_id=first).values(record_id=second),
    )
    assert not _is_valid(desk)


def test_in_a_programme_one_signs_with_a_fresh_proof(
    app: Flask, settings: Settings, databases: Databases, desk: Desk
) -> None:
    open_on(app, replace(settings, profile=Profile.PROGRAMME), databases)
    program = Program(app.test_client(), desk)
    desk.do(measure_all)
    with clock.at(clock.now() + 9 * MINUTE):
        assert program.post("finalise").get_json()["type"].endswith(":confirm")
