"""Forms read with the same schema as the JSON API."""

import re
from typing import Any

import marshmallow as ma
from flask import request
from flask_babel import gettext

from biobank.errors import Phrase

# What a schema says of a field, and how a clerk is told; the groups fill the places.
_TOLD = (
    (r"Missing data for required field\.|Field may not be null\.|Shorter than minimum length 1\.",
     Phrase("Fill this in.")),
    (r"Longer than maximum length (?P<most>\d+)\.", Phrase("Use at most %(most)s characters.")),
    (r"Length must be between 1 and (?P<most>\d+)\.|Fill this in, with at most (?P<same>\d+) characters\.",
     Phrase("Fill this in, with at most %(most)s characters.")),
    (r"Must be greater than or equal to (?P<least>\S+) and less than or equal to (?P<most>\S+)\.",
     Phrase("Enter a number from %(least)s to %(most)s.")),
    (r"Must be greater than or equal to (?P<least>\S+)\.", Phrase("Enter %(least)s or more.")),
    (r"Not a valid (?:integer|number)\.", Phrase("Enter a number.")),
    (r"Not a valid date\.", Phrase("Enter a date.")),
    (r"Not a valid .+|Must be one of: .+", Phrase("Choose one of those offered.")),
)  # fmt: skip


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
    return _told(str(words[0] if isinstance(words, list) else words))


def _told(problem: str) -> str:
    """The problem in the reader's language; the schemas' own sentences stand in the catalogue as they are."""
    for pattern, sentence in _TOLD:
        found = re.fullmatch(pattern, problem)
        if found:
            places = {name: value for name, value in found.groupdict().items() if value}
            return str(gettext(sentence, **({"most": places["same"]} if "same" in places else places)))
    return str(gettext(problem))
