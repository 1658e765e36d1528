"""Coded deviations from the protocol: unknown codes, notes they need, inputs they close and contradictions."""

from collections.abc import Iterator

from biobank.measurements.protocol import Kind, Text
from biobank.measurements.protocol_parts import Deviations
from biobank.measurements.rules_entry import Answers, places
from biobank.measurements.rules_findings import Finding, Place


def check_choices(answers: Answers) -> Iterator[Finding]:
    """Refuse an answer that is not one of the field's choices."""
    for row in answers.protocol.fields.values():
        given = answers.entry.get(row.name)
        if row.kind is Kind.CHOICE and given is not None and given not in row.choices:
            yield _unknown(answers, row.name, row.choices)


def check_codes(answers: Answers) -> Iterator[Finding]:
    """Refuse a modification that is unknown, that lacks its note or that the participant's answers deny."""
    for row in answers.protocol.deviations.values():
        for number in range(1, row.places + 1):
            code = answers.typed_code(row.measure, number)
            if code is not None:
                yield from _check_code(answers, row, number, code)


def refuse_closed(answers: Answers) -> None:
    """Refuse every value at a place that a condition or a modification has closed."""
    for row in answers.protocol.fields.values():
        for place in places(row) if row.measure else ():
            if answers.given(place) is not None:
                _refuse_if_closed(answers, place)


def is_closed(answers: Answers, place: Place) -> bool:
    """Whether nothing may be entered at a place: its measure or its replicate is closed."""
    row = place.field
    if row.only_if and not answers.says(row.only_if):
        return True
    closing = answers.protocol.deviations[row.measure].closing
    return answers.closed_by(row.measure) is not None or answers.code(place) in closing


def _refuse_if_closed(answers: Answers, place: Place) -> None:
    texts, row = answers.protocol.texts, place.field
    flag, code = answers.closed_by(row.measure), answers.code(place)
    if flag is not None:
        _contradict(answers, place, "closed-by-condition", texts[f"field.{flag}"])
    elif row.only_if and not answers.says(row.only_if):
        _contradict(answers, place, "only-if", texts[f"field.{row.only_if}"])
    elif code in answers.protocol.deviations[row.measure].closing:
        _contradict(answers, place, "closed", texts[f"code.{code}"])


def _contradict(answers: Answers, place: Place, why: str, reason: Text) -> None:
    words = {"label": answers.protocol.label(place.ref), "reason": reason}
    answers.refuse(place, Finding(place.ref, "contradiction", answers.protocol.text(f"error.{why}", words)))


def _check_code(answers: Answers, row: Deviations, number: int, code: str) -> Iterator[Finding]:
    protocol = answers.protocol
    ref = f"{row.measure}.{number}" if row.places > 1 else row.measure
    if code not in row.codes:
        yield _unknown(answers, ref, row.codes)
        return
    words: dict[str, str | Text] = {"label": protocol.label(ref), "reason": protocol.texts[f"code.{code}"]}
    if code in protocol.needs_note and not answers.note(row.measure, number):
        yield Finding(ref, "note-required", protocol.text("error.note-required", words))
    for flag in _denied_by(answers, row.measure, code):
        words["flag"] = protocol.texts[f"field.{flag}"]
        yield Finding(ref, "contradiction", protocol.text("error.code-without-condition", words))


def _denied_by(answers: Answers, measure: str, code: str) -> list[str]:
    conditions = answers.protocol.conditions
    return [row.flag for row in conditions if row.sets.get(measure) == code and answers.says(row.flag) is False]


def _unknown(answers: Answers, ref: str, choices: tuple[str, ...]) -> Finding:
    words: dict[str, str | Text] = {"label": answers.protocol.label(ref), "choices": ", ".join(choices)}
    return Finding(ref, "unknown-code", answers.protocol.text("error.unknown-code", words))
