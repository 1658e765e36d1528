"""Each POST counts once: a repeated key gets the first answer, the same key with other content is refused."""

import base64
import hmac
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Mapped, mapped_column

from biobank import clock
from biobank.columns import Base, new_id, uuid_key
from biobank.db import insert_ignore
from biobank.errors import Invalid, Refused
from biobank.web.problems import is_api
from biobank.web.transaction import actor, current_tx

HEADER = "Idempotency-Key"
FIELD = "_key"


class IdempotencyKey(Base):
    """An answer that was given to a key, kept so that it can be given again."""

    __tablename__ = "idempotency_key"
    __table_args__ = (sa.UniqueConstraint("actor_id", "key"),)

    id: Mapped[uuid_key]
    actor_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(sa.String(200))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(sa.Text)
    location: Mapped[str | None] = mapped_column(sa.String(300))
    content_type: Mapped[str | None] = mapped_column(sa.String(80))


def _key() -> str | None:
    if is_api():
        key = request.headers.get(HEADER)
        if not key:
            raise Invalid("Send an Idempotency-Key header with every POST, so that a repeat counts once.",
                          code="idempotency-key-missing")  # fmt: skip
        return key
    return request.form.get(FIELD)


def _fingerprint() -> str:
    body = request.get_data(cache=True) if is_api() else repr(sorted(request.form.items(multi=True))).encode()
    # Keyed, because a body may hold a name that could be guessed from a plain digest.
    secret = str(current_app.secret_key).encode()
    return hmac.digest(secret, b"\n".join([request.method.encode(), request.path.encode(), body]), "sha256").hex()


def _is_text(content_type: str | None) -> bool:
    return content_type is None or content_type.startswith("text/") or "json" in content_type


def _body(response: Response) -> str:
    """What was answered, as text; a file, such as a sheet of labels, in base64."""
    if _is_text(response.content_type):
        return response.get_data(as_text=True)
    return base64.b64encode(response.get_data()).decode()


def _replay(kept: IdempotencyKey) -> Response:
    body = kept.body or ""
    content = body if _is_text(kept.content_type) else base64.b64decode(body)
    response = current_app.response_class(content, status=kept.status, content_type=kept.content_type)
    if kept.location:
        response.headers["Location"] = kept.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def begin(unstored: frozenset[str], keyless: frozenset[str] = frozenset()) -> Response | None:
    """Before a POST: claim its key, or answer as before. Endpoints in `unstored` repeat safely by themselves.

    Those in `keyless` are called by programs that know no such key, and repeat safely too.
    """
    if request.method != "POST" or request.endpoint is None or request.endpoint in keyless:
        return None
    key = _key()
    who = actor().id
    if key is None or who is None or request.endpoint in unstored:
        return None
    if len(key) > 200:
        raise Invalid("The Idempotency-Key is longer than 200 characters.", code="idempotency-key-too-long")
    session, fingerprint = current_tx().session, _fingerprint()
    # The insert waits for a twin still in flight on PostgreSQL; on SQLite writers take turns anyway.
    if insert_ignore(session, IdempotencyKey, id=new_id(), actor_id=who, key=key,
                     fingerprint=fingerprint, at=clock.now()):  # fmt: skip
        g.idempotency = (who, key)
        return None
    kept = session.scalars(sa.select(IdempotencyKey).filter_by(actor_id=who, key=key)).one()
    if kept.fingerprint != fingerprint:
        raise Refused("This Idempotency-Key was used for another request. Use a new key for new content.",
                      code="idempotency-key-reused")  # fmt: skip
    return _replay(kept)


def finish(response: Response) -> Response:
    """After a POST that went well: keep its answer, in the same transaction."""
    claimed = g.pop("idempotency", None)
    if claimed and response.status_code < 400 and not response.direct_passthrough:
        values = {
            "status": response.status_code,
            "body": _body(response),
            "location": response.headers.get("Location"),
            "content_type": response.content_type,
        }
        who, key = claimed
        current_tx().session.execute(sa.update(IdempotencyKey).filter_by(actor_id=who, key=key).values(**values))
    return response


def register(app: Flask, unstored: frozenset[str], keyless: frozenset[str] = frozenset()) -> None:
    """Must be registered after whatever says who asks, and its end before the transaction's."""
    app.before_request(lambda: begin(unstored, keyless))
    app.after_request(finish)
