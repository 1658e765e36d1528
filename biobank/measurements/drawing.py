"""The measurements page drawn: the visit's state, what the live part depends on, a refusal in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, make_response, render_template, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.errors import Refused
from biobank.measurements import actions
from biobank.measurements.finishing import reasons
from biobank.measurements.grid import Grid
from biobank.measurements.history import REASONS
from biobank.measurements.sheet import Sheet
from biobank.measurements.signing import signature_of
from biobank.measurements.storing import CHANGED
from biobank.measurements.typed import BadValue
from biobank.measurements.waiting import Next, next_place
from biobank.participants.actions import participant_of
from biobank.stations.actions import is_alive, require_station
from biobank.visits.actions import visit_of
from biobank.visits.models import Visit
from biobank.web import problems
from biobank.web.transaction import current_tx


@dataclass(frozen=True, slots=True)
class State:
    """A visit, its sheet and the place that is to be measured next."""

    visit: Visit
    sheet: Sheet
    expected: Next | None

    @property
    def mark(self) -> str:
        """What the live part depends on: the version, what is next, and whether the pause before it is over."""
        version = f"{self.sheet.record.version}-{self.sheet.record.state}-{self.visit.state}"
        if self.expected is None:
            return version
        device = (self.expected.device or "typed").encode().hex()
        return f"{version}-{self.expected.ref}-{device}-{'pause' if self.expected.until else 'now'}"

    @property
    def is_open(self) -> bool:
        """Whether anything may still be entered."""
        may_change = self.visit.is_open or self.sheet.is_amending
        return may_change and not self.sheet.is_final and not self.sheet.is_cancelled


def state_of(visit_id: UUID) -> State:
    """A visit's measurements as they stand. Raises NotFound."""
    tx = current_tx()
    visit = visit_of(tx, visit_id)
    sheet = actions.sheet_of(tx, visit_id)
    return State(visit, sheet, next_place(sheet, _devices(visit), clock.now()))


def draw(state: State, *, after: int | None = None, **context: Any) -> Response:
    """The page, or its live part for htmx. Values stored after the version `after` glow.

    `context` may hold `typed` (a refused form), `refusal` (its words) and `focus` (the box for the keyboard).
    """
    locale = str(get_locale())
    grid = Grid(state.sheet, expected=state.expected, seen=after, typed=context.get("typed", {}))
    unfinished = reasons(state.sheet, locale) if state.is_open else []
    values = {
        "signature": signature_of(current_tx(), state.sheet),
        "visit": state.visit, "sheet": state.sheet, "grid": grid, "rows": grid.rows(), "expected": state.expected,
        "is_open": state.is_open, "mark": state.mark, "unfinished": unfinished,
        "focus": None, "history_reasons": REASONS, "step": "measurements", "station_url": _station_url(state.visit),
    }  # fmt: skip
    if problems.wants_fragment():
        response = make_response(render_template("measurements/_sheet.html", **values | context))
    else:
        whole = values | context | _banner(state, grid, locale)
        response = make_response(render_template("measurements/page.html", **whole))
    response.set_etag(state.mark)
    return response


def say(sheet: Sheet, refusal: Refused) -> str:
    """A refusal in the reader's language, its fields in the protocol's own words."""
    locale = str(get_locale())
    if isinstance(refusal, BadValue):
        return " ".join(finding.text.to(locale) for finding in refusal.findings)
    if refusal.code == "not-finished":
        return " ".join(reasons(sheet, locale))
    if refusal.code == CHANGED:
        changes = refusal.details["changes"]
        named = dict.fromkeys(f"{_label(sheet, item['field'], locale)} ({item['by']})" for item in changes)
        return str(gettext(refusal.template, what=", ".join(named)))
    return problems.say(refusal)


def _label(sheet: Sheet, ref: str, locale: str) -> str:
    known = f"field.{ref.partition('.')[0]}" in sheet.protocol.texts
    return sheet.protocol.label(ref).to(locale) if known else ref


def _banner(state: State, grid: Grid, locale: str) -> dict[str, Any]:
    boxes = [grid.single(name) for name in ("pregnant", "wheelchair")]
    return {
        "participant": participant_of(current_tx(), state.visit.participant_id),
        "flags": [box.label.to(locale) for box in boxes if box.stored == "yes"],
    }


def _devices(visit: Visit) -> list[Mapping[str, Any]]:
    """The devices of the visit's station, when it is heard of."""
    if visit.station_id is None or not visit.is_open:
        return []
    station = require_station(current_tx(), visit.station_id)
    return station.devices if is_alive(station, clock.now()) else []


def _station_url(visit: Visit) -> str | None:
    if visit.station_id is None or not visit.is_open or "stations.live" not in current_app.view_functions:
        return None
    return url_for("stations.live", station_id=visit.station_id)
