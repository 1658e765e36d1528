"""The JSON API under /api/v1: flask-smorest with strict JSON, problems, and keyset paging."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, make_response, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from biobank.web import problems
from biobank.web.strict_json import StrictParser

PREFIX = "/api/v1"


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A slice's part of the API."""

    ARGUMENTS_PARSER = StrictParser()


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details; a kind of problem may have members of its own (section 3.2)."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True, strict=True)
    errors = ma.fields.Dict()


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest with problem documents in place of its own errors."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        """Every error of the document is a problem (RFC 9457, section 3), which has a type of content of its own."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.PROBLEM
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """Errors are answered by `web.problems`, for pages and API alike."""


class PageQuery(ma.Schema):
    """Where a page of a list begins: after this id."""

    class Meta:
        unknown = ma.RAISE

    after = ma.fields.UUID(load_default=None)
    limit = ma.fields.Integer(strict=False, load_default=50, validate=ma.validate.Range(1, 200))


def keyset_page(
    session: Session, query: Any, *, key: Any, after: UUID | None, limit: int
) -> tuple[list[Any], UUID | None]:
    """One page of rows, newest first by a time-ordered key, and the key to ask for next (none at the end)."""
    if after is not None:
        query = query.where(key < after)
    rows = list(session.scalars(query.order_by(key.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, getattr(rows[-1], key.key) if more else None


def with_next(body: Sequence[Any], after: UUID | None, dump: Callable[[Any], Any]) -> Response:
    """Answer a list with `Link: <...>; rel="next"` (RFC 8288) while there is more."""
    response = make_response([dump(row) for row in body])
    if after is not None and request.endpoint:
        values = dict(request.view_args or {}) | {"after": after, "limit": len(body)}
        response.headers["Link"] = f'<{url_for(request.endpoint, **values)}>; rel="next"'
    return response


def _schema_name(schema: Any) -> str:
    """A schema's name in the document, with its slice's: two slices may both have a Change."""
    kind = schema if isinstance(schema, type) else type(schema)
    name = kind.__name__.removesuffix("Schema")
    return f"{kind.__module__.split('.')[1].capitalize()}{name}" if name else ""


def _decimal(_converter: Any, field: ma.fields.Field[Any], *, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A decimal is text, digit for digit; its limits stand in words, because JSON Schema has them for numbers alone."""
    if not isinstance(field, ma.fields.Decimal) or not field.as_string:
        return {}
    limits = [
        f"{words} {ret.pop(name)}" for name, words in (("minimum", "at least"), ("maximum", "at most")) if name in ret
    ]
    limits = [ret["description"], *limits] if "description" in ret else limits
    return {"type": ["string", "null"] if field.allow_none else "string", "format": "decimal",
            **({"description": ", ".join(limits)} if limits else {})}  # fmt: skip


def start(app: Flask) -> Api:
    """Open the API. Its document is at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="Biobank",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    api = Api(app, spec_kwargs={"marshmallow_plugin": plugin})
    if plugin.converter is not None:
        plugin.converter.add_attribute_function(_decimal)  # type: ignore[no-untyped-call]

    @app.route("/api/<path:rest>", endpoint="api_catch_all", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing_here(rest: str) -> Response:
        raise NotFound(f"There is nothing at /api/{rest}.")

    problems.register(app)
    return api
