"""What the bench keeps as evidence: a logger's file, photographs, and things that no code tells apart."""

from uuid import UUID

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Invalid, NotFound
from biobank.specimens import actions, log, photos
from biobank.specimens.models import FoundObject, Photo, SubjectKind
from biobank.web.transaction import current_tx

# One upload may hold this much (the application refuses more than 2 MB of anything by itself).
_LONGEST = 2 * 1024 * 1024


def import_logger(shipment_id: UUID) -> Response:
    """Read a logger's file into the parcel it travelled in."""
    kept = actions.import_logger(current_tx(), shipment_id, _upload("logger"))
    said = gettext("%(count)s readings, from %(minimum)s to %(maximum)s °C.", count=kept.count,
                   minimum=str(kept.minimum), maximum=str(kept.maximum))  # fmt: skip
    flash(said, "warning" if kept.seconds_outside else "success")
    if request.form.get("back") == "bench":
        return redirect(url_for("specimens.bench"), 303)
    return redirect(url_for("specimens.shipment", shipment_id=shipment_id), 303)


def add_photo() -> Response:
    """Keep a photograph of a tube, a thing found or a shipment."""
    about = {name: request.form.get(name, type=UUID) for name in ("tube_id", "object_id", "shipment_id")}
    photo = actions.add_photo(current_tx(), _upload("photo"), **about)
    flash(gettext("The photograph is kept."), "success")
    return redirect(_where(photo), 303)


def photo(photo_id: UUID) -> FlaskResponse:
    """The picture itself."""
    tx = current_tx()
    content = photos.picture_of(tx, photo_id)
    note_look("photo", photo_id, Purpose.CUSTODY)
    return current_app.response_class(content, mimetype="image/jpeg")


def found(object_id: UUID) -> str:
    """A thing found at the bench: its label as it was read, its photographs, its story."""
    tx = current_tx()
    thing = tx.session.get(FoundObject, object_id)
    if thing is None:
        raise NotFound("There is no such thing.")
    return render_template("specimens/found.html", thing=thing, photos=photos.photos_of(tx, object_id=object_id),
                           events=log.story(tx, SubjectKind.OBJECT, object_id))  # fmt: skip


def _upload(name: str) -> bytes:
    file = request.files.get(name)
    content = file.stream.read(_LONGEST + 1) if file else b""
    if not content:
        raise Invalid("Choose a file first.", code="no-file")
    return content


def _where(photo: Photo) -> str:
    if request.form.get("back") == "bench":
        return url_for("specimens.bench")
    if photo.tube_id:
        return url_for("specimens.tube", tube_id=photo.tube_id)
    if photo.object_id:
        return url_for("specimens.found", object_id=photo.object_id)
    return url_for("specimens.shipment", shipment_id=photo.shipment_id)


ROUTES = (
    ("POST", "/bench/shipments/<uuid:shipment_id>/logger", import_logger),
    ("POST", "/bench/photos", add_photo),
    ("GET", "/photos/<uuid:photo_id>", photo),
    ("GET", "/found/<uuid:object_id>", found),
)
