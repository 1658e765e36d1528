"""The door that every file leaves by: marked, counted and written down before its first byte is sent."""

import hashlib
from contextlib import closing
from io import BytesIO
from zipfile import ZipFile

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from biobank.access import exports, guard
from biobank.access.export_table import EXPORTS, LABELS, Exported
from biobank.errors import Refused
from biobank.web import logs, problems, watermark
from biobank.web.transaction import current_tx, databases, rest
from biobank.web.watermark import Mark

_FILES = frozenset({"text/csv", "application/pdf", "application/fhir+json", "application/octet-stream",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})  # fmt: skip
_ROW = b"<row "


class NotWritten(Refused):
    """An export could not be written down: then nothing leaves."""

    status = 503
    code = "not-recorded"

    def __init__(self) -> None:
        super().__init__("This file could not be written down, so nothing leaves. Wait a minute and try again.")


class Unmarked(Exception):
    """A fault of ours: a file that is no export of the table, or an export without its mark. Nothing leaves."""


def begin() -> None:
    """Before the view: what it writes carries this mark."""
    if request.endpoint in EXPORTS and "signed_in" in g:
        watermark.begin(exports.new_mark(g.actor))


def _read(response: Response, most: int | None) -> bytes | None:
    """The whole answer; None for one of more lines than `most`, of which no more than that is ever held."""
    parts, lines = [], 0
    with closing(response):
        for part in response.iter_encoded():
            parts.append(part)
            lines += part.count(b"\n")
            if most is not None and lines > most + 1:
                return None
    return b"".join(parts)


def _records(content: bytes, found: Exported) -> int:
    if not found.many:
        return 1
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as book:
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
            return max(0, sum(book.read(name).count(_ROW) - 1 for name in sheets))
    return max(0, len(content.splitlines()) - 1)


def _marked(content: bytes, response: Response, found: Exported, mark: Mark) -> bytes:
    if response.mimetype in found.fixed:
        return content
    if response.mimetype == "text/csv":
        content = watermark.on_csv(content, mark)
    elif response.mimetype in ("application/json", "application/fhir+json"):
        content = watermark.on_json(content, mark)
    if not watermark.carries(content, mark):
        raise Unmarked(f"{request.endpoint} gives out {response.mimetype} without its mark")
    return content


def _pass(response: Response, found: Exported, mark: Mark) -> Response:
    settings, tx = guard.settings(), current_tx()
    is_lines = found.many and (response.mimetype or "").startswith("text/")
    content = _read(response, exports.left(tx, settings, found) if is_lines else None)
    if content is None:
        raise exports.refusal(tx, settings, found)
    records, content = _records(content, found), _marked(content, response, found, mark)
    leaving = exports.Leaving(mark, request.endpoint or "", records, hashlib.sha256(content).hexdigest())
    if tx.read_only:
        with databases().transaction(tx.actor) as own:
            exports.write_down(own, settings, found, leaving)
    else:
        exports.write_down(tx, settings, found, leaving)
    response.set_data(content)
    response.headers["Export-Number"] = mark.number
    return response


def _stopped(refusal: Refused, found: Exported) -> Response:
    """The refusal in place of the file; what the request changed is not kept."""
    who = g.actor
    rest()
    g.pop("idempotency", None)
    with databases().transaction(who) as tx:
        exports.note_refusal(tx, found)
    answer: Response = problems.answer_refusal(refusal)
    return answer


def leave(response: Response) -> Response:
    """After the view and before anything is committed: let an export out, and no other file."""
    found, mark = EXPORTS.get(request.endpoint or ""), watermark.current()
    if response.status_code != 200 or request.method == "HEAD" or "Idempotency-Replayed" in response.headers:
        return response
    if found is None or mark is None:
        if response.mimetype in _FILES and request.endpoint not in LABELS:
            raise Unmarked(f"{request.endpoint} gives out a file and is no export of the table")
        return response
    try:
        return _pass(response, found, mark)
    except SQLAlchemyError as problem:
        logs.failure(problem, "export")
        rest()
        answer: Response = problems.answer_refusal(NotWritten())
        return answer
    except Refused as refusal:
        return _stopped(refusal, found)


def register(app: Flask) -> None:
    """Must be registered last: its end comes before the transaction's and before an answer is kept for its key."""
    app.before_request(begin)
    app.after_request(leave)
    app.jinja_env.globals["watermark"] = watermark.current
