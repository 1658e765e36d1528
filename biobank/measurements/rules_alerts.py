"""Alerts: two consecutive readings beyond a limit, and rhythm that is irregular every time."""

from collections.abc import Iterator

from biobank.measurements.protocol_parts import AlertRule, Bound
from biobank.measurements.rules_entry import Answers, places
from biobank.measurements.rules_findings import Alert, Place


def alerts(answers: Answers) -> tuple[Alert, ...]:
    """The alerts an entry raises; of several on the same scale only the most severe stands."""
    raised: dict[str, tuple[AlertRule, Alert]] = {}
    for rule in answers.protocol.alerts:
        refs = tuple(_beyond(answers, rule))
        standing = raised.get(rule.scale)
        if refs and (standing is None or rule.severity > standing[0].severity):
            raised[rule.scale] = rule, Alert(rule.code, refs, answers.protocol.texts[_key(answers, rule)])
    return tuple(alert for _, alert in raised.values())


def _beyond(answers: Answers, rule: AlertRule) -> Iterator[str]:
    for name, bound in rule.limits:
        row = answers.protocol.fields[name]
        hit = [_holds(answers, place, bound) for place in places(row)]
        if True not in hit:
            continue
        padded = [False, *hit, False]
        yield from (ref for at, ref in enumerate(row.refs) if hit[at] and (padded[at] or padded[at + 2]))
    if rule.all_ticked:
        ticks = list(places(answers.protocol.fields[rule.all_ticked]))
        if all(answers.given(place) for place in ticks):
            yield from (place.ref for place in ticks)


def _holds(answers: Answers, place: Place, bound: Bound) -> bool:
    value = answers.number(place)
    return value is not None and bound.holds(value)


def _key(answers: Answers, rule: AlertRule) -> str:
    if rule.worse_with is None:
        return f"alert.{rule.code}"
    name, bound = rule.worse_with
    is_worse = any(_holds(answers, place, bound) for place in places(answers.protocol.fields[name]))
    return f"alert.{rule.code}.worse" if is_worse else f"alert.{rule.code}"
