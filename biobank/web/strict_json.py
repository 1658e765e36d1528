"""JSON as RFC 8259 has it: no NaN, no duplicate names, no nesting that exhausts the stack."""

import json
from typing import Any

from flask import Request
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object.")
    return result


def loads(data: bytes | str) -> Any:
    """Read one JSON document. Raises `ValueError` saying what is wrong with it."""
    try:
        return json.loads(data, parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates)
    except RecursionError:
        raise ValueError("It is nested too deep.") from None
    except UnicodeDecodeError:
        raise ValueError("It is not UTF-8.") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"{problem.msg} at line {problem.lineno}, column {problem.colno}.") from None


class StrictParser(FlaskParser):
    """Reads a request's body for flask-smorest, strictly."""

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req):
            raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
        try:
            return loads(req.get_data(cache=True))
        except ValueError as problem:
            raise BadRequest(f"The body is not JSON. {problem}") from problem
