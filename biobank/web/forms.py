"""Forms read with the same schema as the JSON API."""

from typing import Any

import marshmallow as ma
from flask import request
from flask_babel import gettext


def read_form(schema: ma.Schema) -> tuple[dict[str, Any], dict[str, str]]:
    """The form's values as the schema reads them, and a sentence for each field that is wrong.

    An empty box is a value not given; boxes that the schema does not know (buttons, keys) are passed over.
    """
    given: dict[str, Any] = {}
    for name, field in schema.fields.items():
        key = field.data_key or name
        if isinstance(field, ma.fields.List):
            given[key] = [text.strip() for text in request.form.getlist(key) if text.strip()]
        elif request.form.get(key, "").strip():
            given[key] = request.form[key].strip()
    try:
        return schema.load(given, unknown=ma.EXCLUDE), {}
    except ma.ValidationError as problem:
        return {}, {name: _first(words) for name, words in problem.messages_dict.items()}


def _first(words: Any) -> str:
    while isinstance(words, dict):
        words = next(iter(words.values()))
    return str(gettext(words[0] if isinstance(words, list) else str(words)))
