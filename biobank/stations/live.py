"""What a desk is doing now: the dot in the frame, its devices, readings and labels live, its scanner's next code."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from biobank import clock
from biobank.errors import Invalid
from biobank.stations import actions
from biobank.stations.claims import OLDEST
from biobank.stations.device_models import DeviceCommand
from biobank.web.problems import wants_fragment
from biobank.web.transaction import actor, current_tx

COMMAND_IS_NEWS = timedelta(minutes=2)


def here() -> Response:
    """The stations of the signed-in person's site as one dot."""
    now = clock.now()
    stations = [item for item in actions.stations_of(current_tx(), actor().site_id) if item.active]
    if not stations:
        return make_response("", 204)
    values = {
        "connected": sum(actions.connected_devices(item, now) for item in stations),
        "total": sum(len(item.devices) for item in stations),
        "silent": [item.name for item in stations if not actions.is_alive(item, now)],
    }
    return make_response(render_template("stations/_dot.html", **values))


def _body(station_id: UUID) -> str:
    tx, now = current_tx(), clock.now()
    station = actions.require_station(tx, station_id)
    last = {item.device: item for item in reversed(actions.recent_readings(tx, station_id))}
    return render_template(
        "stations/_live.html", station=station, last=last, oldest=now - OLDEST,
        alive=actions.is_alive(station, now), skewed=actions.is_skewed(station),
        window=actions.window_of(tx, station_id), readings=actions.readings_to_decide(tx, station_id),
        told=_told(station_id, now), acts=_acts(station_id), known=actions.registered(tx, station),
        doubts=actions.jobs_in_doubt(tx, station_id), waiting=actions.jobs_waiting(tx, station_id),
    )  # fmt: skip


def _acts(station_id: UUID) -> dict[str, tuple[str, ...]]:
    """What each device in use can be told."""
    return {
        device.name: actions.acts_of(device.protocol)
        for device in actions.devices_of(current_tx(), station_id)
        if device.state == "in-use"
    }


def _told(station_id: UUID, now: datetime) -> dict[str, DeviceCommand]:
    """The last command of each device, while it is news."""
    fresh = [item for item in actions.last_commands(current_tx(), station_id) if now - item.asked_at < COMMAND_IS_NEWS]
    return {item.device: item for item in reversed(fresh)}


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def live(station_id: UUID) -> Response:
    """The desk live: a page of its own, or for htmx the part alone; 204 when the caller has it already."""
    body = _body(station_id)
    digest = _digest(body)
    if not wants_fragment():
        return make_response(_framed("stations/live.html", station_id, body))
    if request.args.get("have") == digest:
        return make_response("", 204)
    return make_response(_framed("stations/_live_frame.html", station_id, body))


def _framed(template: str, station_id: UUID, body: str) -> str:
    # The body is our own template's output, escaped there.
    return render_template(template, station_id=station_id, body=Markup(body), digest=_digest(body))  # noqa: S704 - escaped there


def _after(station_id: UUID) -> AnyResponse:
    if not wants_fragment():
        return redirect(url_for("stations.live", station_id=station_id), 303)
    current_tx().session.expire_all()
    response = make_response(_framed("stations/_live_frame.html", station_id, _body(station_id)))
    # A refusal goes into the line for it; an answer replaces the whole part.
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#station-live", "outerHTML"
    return response


def use_reading(station_id: UUID, reading_id: UUID) -> AnyResponse:
    """The clerk says that an unclaimed reading belongs to the visit."""
    visit_id = request.form.get("visit_id", type=UUID)
    if visit_id is None:
        raise Invalid("Check the participant in first, then use the reading.")
    actions.require_station(current_tx(), station_id)
    actions.claim_reading(current_tx(), reading_id, visit_id)
    return _after(station_id)


def answer_print_job(station_id: UUID, job_id: UUID) -> AnyResponse:
    """The clerk says whether a label came out."""
    answer = request.form.get("came_out")
    if answer not in ("yes", "no"):
        raise Invalid("Say whether the label came out.")
    actions.require_station(current_tx(), station_id)
    actions.confirm_printed(current_tx(), job_id, answer == "yes")
    if request.form.get("back") == "labels":
        return redirect(url_for("stations.labels"), 303)
    return _after(station_id)


def ask_command(station_id: UUID) -> AnyResponse:
    """The clerk's click that starts or stops a cuff: once, for the visit that is open here."""
    actions.ask_command(
        current_tx(), station_id, device=request.form.get("device", ""), act=request.form.get("act", "")
    )
    return _after(station_id)


def scan(station_id: UUID) -> Response:
    """The next fresh code of the desk's scanner after a number; 204 while there is none."""
    actions.require_station(current_tx(), station_id)
    found = actions.latest_scan(current_tx(), station_id, request.args.get("after", 0, type=int))
    return make_response("", 204) if found is None else jsonify(seq=found.seq, text=found.text)
