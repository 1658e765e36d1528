"""What still needs a value or a modification, as field names and in a clerk's words."""

from collections.abc import Iterable, Mapping

from biobank.measurements.protocol import Field, Protocol, Text
from biobank.measurements.rules_entry import Answers, places
from biobank.measurements.rules_findings import Place
from biobank.measurements.rules_means import needs_third

# A clerk takes the two in one breath: both missing is one thing to do.
_TAKEN_TOGETHER = ("systolic", "diastolic", "blood_pressure")


def missing(answers: Answers) -> tuple[str, ...]:
    """The replicates without a value or a modification, in the protocol's order, such as `hip.2`.

    A measure closed by a condition is skipped. A third reading counts only where the first two ask for it.
    """
    rows = [row for row in answers.protocol.numbers if not row.only_if and not answers.closed_by(row.measure)]
    return tuple(place.ref for row in rows for place in places(row) if _is_needed(answers, place))


def _is_needed(answers: Answers, place: Place) -> bool:
    if answers.number(place) is not None or answers.code(place) is not None:
        return False
    if place.number == 3 and place.field.third_when_apart is not None:
        return _was_refused(answers, place) or needs_third(place.field, answers.numbers[place.field.name])
    return True


def _was_refused(answers: Answers, place: Place) -> bool:
    return answers.given(place) is not None


def missing_words(protocol: Protocol, refs: Iterable[str], locale: str = "en") -> str:
    """The clerk's sentence for what is missing: `Still to measure: hip, second waist.`"""
    by_field: dict[str, list[int]] = {}
    for ref in refs:
        name, _, number = ref.partition(".")
        by_field.setdefault(name, []).append(int(number or 1))
    if not by_field:
        return protocol.texts["nothing-missing"].to(locale)
    phrases = [words.to(locale) for words in _phrases(protocol, _merged(by_field))]
    return protocol.text("still-to-measure", {"list": ", ".join(phrases)}).to(locale)


def _merged(by_field: Mapping[str, list[int]]) -> dict[str, list[int]]:
    upper, lower, together = _TAKEN_TOGETHER
    if by_field.get(upper) is None or by_field.get(upper) != by_field.get(lower):
        return dict(by_field)
    return {together if name == upper else name: list(found) for name, found in by_field.items() if name != lower}


def _phrases(protocol: Protocol, by_field: Mapping[str, list[int]]) -> Iterable[Text]:
    for name, numbers in by_field.items():
        label = protocol.texts[f"field.{name}"]
        if len(numbers) >= _always(protocol.fields.get(name)):
            yield label
        else:
            yield from (protocol.text(f"nth.{number}", {"label": label}) for number in numbers)


def _always(row: Field | None) -> int:
    if row is None:
        return 3
    return row.replicates if row.third_when_apart is None else row.replicates - 1
