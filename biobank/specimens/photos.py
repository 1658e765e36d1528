"""Photographs of damaged or unknown things, kept sealed with the digest of what was seen."""

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens import log, pictures
from biobank.specimens.models import CollectionOrder, FoundObject, Photo, Shipment, SubjectKind, Tube
from biobank.specimens.sites import require_here

KEY = "photos"
MOST = 20
_NONCE = 12
_NONE = Phrase("There is no such photograph.")


def add_photo(
    tx: Tx, content: bytes, *, tube_id: UUID | None = None, object_id: UUID | None = None,
    shipment_id: UUID | None = None,
) -> Photo:  # fmt: skip
    """Keep a photograph of one thing. Raises Invalid for what is no picture, Conflict beyond 20 of one thing."""
    about = {"tube_id": tube_id, "object_id": object_id, "shipment_id": shipment_id}
    given = {name: value for name, value in about.items() if value is not None}
    if len(given) != 1:
        raise Invalid("Say what the photograph is of: one tube, one thing found or one shipment.", code="photo-of-what")
    site_id = _sender(tx, **about)
    if len(photos_of(tx, **about)) >= MOST:
        raise Conflict("There are %(most)s photographs of this already.", code="photos-many", most=MOST)
    picture = pictures.clean(content)
    photo_id = new_id()
    nonce = secrets.token_bytes(_NONCE)
    photo = Photo(
        id=photo_id, taken_at=clock.now(), actor_id=tx.actor.id, actor_name=tx.actor.name, width=picture.width,
        height=picture.height, sha256=hashlib.sha256(picture.content).hexdigest(),
        sealed=nonce + AESGCM(tx.databases.keys(KEY)).encrypt(nonce, picture.content, photo_id.bytes), **given,
    )  # fmt: skip
    tx.session.add(photo)
    tx.session.flush()
    _record(tx, photo, site_id)
    return photo


def picture_of(tx: Tx, photo_id: UUID) -> bytes:
    """The JPEG again. Raises NotFound where there is none, or where it does not open under its key and digest."""
    query = sa.select(Photo).filter_by(id=photo_id).options(sa.orm.undefer(Photo.sealed))
    photo = tx.session.scalar(query)
    if photo is None:
        raise NotFound(_NONE)
    _sender(tx, tube_id=photo.tube_id, object_id=photo.object_id, shipment_id=photo.shipment_id)
    nonce, body = photo.sealed[:_NONCE], photo.sealed[_NONCE:]
    try:
        content = AESGCM(tx.databases.keys(KEY)).decrypt(nonce, body, photo.id.bytes)
    except InvalidTag:
        raise NotFound("This photograph does not open: it was altered, or its key is another. Call support.",
                       code="photo-broken") from None  # fmt: skip
    if hashlib.sha256(content).hexdigest() != photo.sha256:
        raise NotFound("This photograph is not the one that was kept. Call support.", code="photo-broken")
    return content


def photos_of(
    tx: Tx, *, tube_id: UUID | None = None, object_id: UUID | None = None, shipment_id: UUID | None = None
) -> Sequence[Photo]:
    """The photographs of one thing, oldest first, without their pictures."""
    query = sa.select(Photo).filter_by(tube_id=tube_id, object_id=object_id, shipment_id=shipment_id)
    return tx.session.scalars(query.order_by(Photo.id)).all()


def _record(tx: Tx, photo: Photo, site_id: UUID) -> None:
    """The thing's story says that it was photographed; a tube's own chain does not depend on it."""
    kind, subject = (
        (SubjectKind.OBJECT, photo.object_id) if photo.object_id else (SubjectKind.SHIPMENT, photo.shipment_id)
    )
    if subject is not None:
        log.record_about(tx, kind, subject, "photographed", site_id=tx.actor.site_id or site_id,
                         detail={"sha256": photo.sha256})  # fmt: skip


def _sender(
    tx: Tx, *, tube_id: UUID | None = None, object_id: UUID | None = None, shipment_id: UUID | None = None
) -> UUID:
    """The site whose thing it is; NotFound for staff of another clinic, or where there is no such thing."""
    site_id: UUID | None = None
    if tube_id:
        query = sa.select(CollectionOrder.site_id).join(Tube, Tube.order_id == CollectionOrder.id)
        site_id = tx.session.scalar(query.where(Tube.id == tube_id))
    elif shipment_id:
        site_id = tx.session.scalar(sa.select(Shipment.site_id).filter_by(id=shipment_id))
    elif object_id:
        site_id = _sender_of_thing(tx, object_id)
    if site_id is None:
        raise NotFound(_NONE)
    require_here(tx, site_id, _NONE)
    return site_id


def _sender_of_thing(tx: Tx, object_id: UUID) -> UUID | None:
    """Who sent the parcel that a thing came with; nobody's site where that is not known."""
    thing = tx.session.get(FoundObject, object_id)
    if thing is None:
        return None
    query = sa.select(Shipment.site_id).filter_by(id=thing.shipment_id)
    return tx.session.scalar(query) or thing.site_id or UUID(int=0)
