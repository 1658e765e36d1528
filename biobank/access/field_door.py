"""Fields that the role of whoever asks may not see are taken out of an answer before it leaves."""

from collections.abc import Collection
from typing import Any

from flask import Flask, Response, json, request

from biobank.access.fields import MASKED
from biobank.web.transaction import actor


def _without(found: Any, names: Collection[str]) -> Any:
    if isinstance(found, list):
        return [_without(item, names) for item in found]
    if isinstance(found, dict):
        return {name: _without(value, names) for name, value in found.items() if name not in names}
    return found


def mask(response: Response) -> Response:
    """Hide what none of the actor's roles may see."""
    masked = MASKED.get(request.endpoint or "")
    if masked is None or response.status_code >= 400 or not response.is_json:
        return response
    hidden = frozenset.intersection(*(masked.get(role, frozenset()) for role in actor().roles))
    if hidden:
        response.set_data(json.dumps(_without(response.get_json(), hidden)))
    return response


def register(app: Flask) -> None:
    app.after_request(mask)
