"""One action for all that is missing: the same modification on every place without a value."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from biobank.errors import Invalid
from biobank.measurements.protocol import Protocol
from biobank.measurements.rules_entry import Answers, places, read
from biobank.measurements.rules_missing import missing
from biobank.measurements.rules_shape import shape_errors


def fill_missing(protocol: Protocol, entry: Mapping[str, Any], code: str) -> dict[str, Any]:
    """A copy of the entry with `code` (refusal or emergency) on all that is missing.

    A place that holds a value is left alone when the code would close it: nothing measured is thrown away.
    Raises Invalid for a code that not every measure has; an entry that cannot be read comes back as it was.
    """
    if any(code not in row.codes for row in protocol.deviations.values()):
        raise Invalid("%(given)s does not fit every measure. Choose refusal or emergency.", given=repr(code[:40]))
    filled: dict[str, Any] = deepcopy(dict(entry))
    if shape_errors(protocol, entry):
        return filled
    answers = read(protocol, entry)
    codes: dict[str, Any] = dict(filled.get("modifications") or {})
    for ref in missing(answers):
        name, _, number = ref.partition(".")
        measure = protocol.fields[name].measure
        if not _would_close_a_value(answers, measure, int(number or 1), code):
            codes[measure] = _with_code(protocol, codes.get(measure), measure, int(number or 1), code)
    filled["modifications"] = codes
    return filled


def _with_code(protocol: Protocol, old: Any, measure: str, number: int, code: str) -> Any:
    count = protocol.deviations[measure].places
    if count == 1:
        return code
    row = list(old or [None] * count)
    row[number - 1] = code
    return row


def _would_close_a_value(answers: Answers, measure: str, number: int, code: str) -> bool:
    if code not in answers.protocol.deviations[measure].closing:
        return False
    rows = [row for row in answers.protocol.fields.values() if row.measure == measure]
    found = [place for row in rows for place in places(row) if place.number == number or row.replicates == 1]
    return any(answers.given(place) is not None for place in found)
