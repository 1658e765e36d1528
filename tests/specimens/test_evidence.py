"""Loggers, pictures and things found: what is kept, what it holds back, what is refused."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from PIL import Image

from biobank import clock
from biobank.access import approvals
from biobank.access.actions import actor_of
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Invalid, NotFound
from biobank.specimens import actions, log, photos, pictures, temperatures
from biobank.specimens.case_lists import Show, rows
from biobank.specimens.case_models import CaseType
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.log_entry import note_digest
from biobank.specimens.models import CustodyEvent, CustodyNote, FoundObject, Photo, ScanOutcome, Shipment, SubjectKind
from labels import Kind, mint
from tests.access.factories import make_staff
from tests.specimens.factories import make_opened, make_sent


@pytest.fixture
def clerk() -> Actor:
    """Somebody at the bench."""
    return Actor(kind="staff", name="Ben Bench", id=new_id(), roles=frozenset({Role.BIOBANK}))


def logger(shipment: Shipment, *celsius: str) -> bytes:
    assert shipment.handed_over_at
    times = [shipment.handed_over_at + timedelta(microseconds=number + 1) for number in range(len(celsius))]
    return (
        "Timestamp,Temp\n" + "\n".join(f"{at.isoformat()},{c}" for at, c in zip(times, celsius, strict=True))
    ).encode()


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> bytes:
    image, out = Image.new("RGB", size, "red"), io.BytesIO()
    exif = image.getexif()
    exif[0x010F] = "Maker of cameras"
    image.save(out, kind, exif=exif)
    return out.getvalue()


def test_a_cold_logger_holds_nothing_and_is_one_record_however_often_it_is_read(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    content = logger(shipment, "4.0", "5.5")
    kept = actions.import_logger(tx, shipment.id, content)
    assert actions.import_logger(tx, shipment.id, content) is kept
    assert (kept.minimum, kept.maximum, kept.count) == (Decimal("4.0"), Decimal("5.5"), 2)
    assert actions.receive_scan(tx, tubes[0].code).outcome is ScanOutcome.OK


def test_an_excursion_holds_what_was_received_and_what_is_still_to_come(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    actions.import_logger(tx, shipment.id, logger(shipment, "4.0", "11.2", "4.0"))
    assert tubes[0].state is TubeStatus.HELD
    assert actions.receive_scan(tx, tubes[1].code).outcome is ScanOutcome.HOLD
    assert [row.case.type for row in rows(tx)] == [CaseType.TEMPERATURE]


def test_a_logger_of_another_time_is_refused(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    with pytest.raises(Invalid, match="another parcel"):
        actions.import_logger(tx, shipment.id, b"Timestamp,Temp\n2020-01-01 12:00,4.0\n")


def test_a_logger_is_read_once_the_parcel_has_arrived(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    with pytest.raises(Conflict, match="tracking number"):
        actions.import_logger(tx, shipment.id, logger(shipment, "4.0"))


def test_two_people_release_a_warm_parcel_and_one_alone_does_not(tx: Tx) -> None:
    shipment, tubes = make_opened(tx, celsius="12.0")
    actions.receive_scan(tx, tubes[0].code)
    with pytest.raises(Conflict, match="Two people"):
        actions.release(tx, tubes[0].id, "it is fine")
    (row,) = rows(tx)
    asks, decides = (actor_of(make_staff(tx, name, Role.BIOBANK, site_id=shipment.site_id)) for name in ("ann", "bob"))
    tx.actor = asks
    asked = actions.ask_release(tx, row.case.id, "stable for two days at 12 degrees")
    with pytest.raises(Forbidden):
        approvals.decide(tx, asked.id, True, "")
    tx.actor = decides
    approvals.decide(tx, asked.id, True, "")
    assert (tubes[0].state, rows(tx)) == (TubeStatus.RECEIVED, [])
    released = actions.story(tx, SubjectKind.TUBE, tubes[0].id)[-1]
    assert (released.signature, released.on_behalf_of) == ("release-after-excursion", asks.name)
    assert actions.receive_scan(tx, tubes[1].code).outcome is not ScanOutcome.HOLD


def test_what_was_written_freely_can_be_erased_and_the_chain_stays_whole(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, "BENCH-WM"):
        actions.receive_scan(tx, code)
    event = log.record(tx, tubes[0], EventType.CONDITION_NOTED, note="the label names somebody")
    tx.session.flush()
    note = tx.session.get_one(CustodyNote, event.id)
    assert event.note_sha256 == note_digest(note.salt, note.text)
    tx.session.delete(note)
    tx.session.flush()
    assert actions.is_whole(actions.story(tx, SubjectKind.TUBE, tubes[0].id))


def test_an_unknown_tube_is_a_thing_with_a_case_and_scanned_again_it_is_one(tx: Tx) -> None:
    make_opened(tx)
    code = mint(Kind.TUBE)
    first, second = (actions.receive_scan(tx, code) for _ in range(2))
    assert first.outcome is ScanOutcome.UNKNOWN
    assert first.object_id == second.object_id is not None
    assert [row.label for row in rows(tx)] == [code]


def test_a_misread_makes_no_thing(tx: Tx) -> None:
    make_opened(tx)
    actions.receive_scan(tx, mint(Kind.TUBE)[:-1])
    actions.receive_scan(tx, "HELLO WORLD 12")
    assert tx.session.scalar(sa.select(sa.func.count()).select_from(FoundObject)) == 0


def test_a_picture_is_drawn_anew_without_what_the_camera_adds() -> None:
    clean = pictures.clean(picture((4000, 2000), "PNG"))
    assert (clean.width, clean.height) == (1600, 800)
    assert b"Maker of cameras" not in clean.content
    assert clean.content.startswith(b"\xff\xd8")


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40),
                                     b"\xff\xd8\xff" + bytes(50), picture()[:200]])  # fmt: skip
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not a picture"):
        pictures.clean(content)


def test_a_picture_too_large_is_refused() -> None:
    with pytest.raises(Invalid, match="2 MB"):
        pictures.clean(bytes(2 * 1024 * 1024 + 1))


def test_a_photograph_is_sealed_and_comes_back_with_its_digest(tx: Tx) -> None:
    make_opened(tx)
    thing = actions.receive_scan(tx, mint(Kind.TUBE)).object_id
    kept = actions.add_photo(tx, picture(), object_id=thing)
    assert b"\xff\xd8\xff" not in kept.sealed[:40]
    assert photos.picture_of(tx, kept.id).startswith(b"\xff\xd8")
    assert [photo.id for photo in photos.photos_of(tx, object_id=thing)] == [kept.id]


def test_a_photograph_that_was_altered_does_not_open(databases: Databases, clerk: Actor) -> None:
    with databases.transaction(clerk) as tx:
        shipment, _tubes = make_sent(tx)
        photo = actions.add_photo(tx, picture(), shipment_id=shipment.id)
        other = Photo(shipment_id=shipment.id, taken_at=clock.now(), actor_name="x", width=1, height=1,
                      sha256=photo.sha256, sealed=photo.sealed)  # fmt: skip
        tx.session.add(other)
        tx.session.flush()
        with pytest.raises(NotFound, match="does not open"):
            photos.picture_of(tx, other.id)


def test_events_and_closed_lists_hold_codes_only(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    stories = tx.session.scalars(sa.select(CustodyEvent.detail)).all()
    assert "first_name" not in json.dumps(stories)
    assert rows(tx, Show.CLOSED) == []
    assert temperatures.logs_of(tx, shipment.id) == []
