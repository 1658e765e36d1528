"""Opening a record of another site with a reason, and the auditor's pages of alerts and of whose data was touched."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext

from biobank import clock
from biobank.access import security_log, watch
from biobank.access.models import Staff
from biobank.access.security_models import Security
from biobank.access.watch_models import OpeningReason, Unusual
from biobank.access.watch_schemas import FindingSchema, OpeningSchema, TouchedForm
from biobank.audit import alarms as log_alarms
from biobank.audit.models import AlarmKind
from biobank.errors import Refused
from biobank.web import languages, problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

REASONS = {
    OpeningReason.PARTICIPANT_IS_HERE: lazy_gettext("The participant is here"),
    OpeningReason.PARTICIPANT_ASKED: lazy_gettext("The participant asked me, by phone or letter"),
    OpeningReason.EMERGENCY: lazy_gettext("An emergency"),
    OpeningReason.OTHER: lazy_gettext("Another reason, written below"),
}
KINDS = {
    Unusual.MANY_PEOPLE: lazy_gettext("Many people within an hour"),
    Unusual.AFTER_HOURS: lazy_gettext("Looking at night"),
    Unusual.OTHER_SITE: lazy_gettext("Opened a record of another site"),
    Unusual.REFUSED_OFTEN: lazy_gettext("Refused at sign-in again and again"),
    Unusual.DENIED_OFTEN: lazy_gettext("Asked again and again for what their role does not include"),
    Unusual.OTHER_NETWORK: lazy_gettext("Signed in from two networks within an hour"),
}
ALARMS = {
    AlarmKind.SEAL_BROKEN: lazy_gettext("The seals over the logs do not hold"),
    AlarmKind.SEAL_LATE: lazy_gettext("The logs were not sealed for a while"),
}

EVENTS = {
    Security.SIGN_IN_REFUSED: lazy_gettext("Sign-in refused"),
    Security.STRANGER: lazy_gettext("Sign-in service: nobody's account"),
    Security.PROVIDER_REFUSED: lazy_gettext("Sign-in service: not believed"),
    Security.ROLES_CHANGED: lazy_gettext("Roles changed"),
    Security.STAFF_CHANGED: lazy_gettext("Account changed"),
    Security.STOPPED: lazy_gettext("Account stopped"),
    Security.LET_IN: lazy_gettext("Account let in again"),
    Security.RESTED: lazy_gettext("Account stopped, unused"),
    Security.FACTORS_RESET: lazy_gettext("Second factors reset"),
    Security.PASSWORD_RESET: lazy_gettext("First password given again"),
    Security.POLICY_BROKEN: lazy_gettext("A page tried what its policy forbids"),
    Security.IDENTITY_BOUND: lazy_gettext("Sign-in bound to an account"),
    Security.IDENTITY_UNBOUND: lazy_gettext("Sign-in unbound"),
    Security.NETWORK_REFUSED: lazy_gettext("Network refused"),
    Security.NETWORK_CHANGED: lazy_gettext("Networks of a site changed"),
    Security.NETWORK_OPENED: lazy_gettext("Network let in for a while"),
    Security.NETWORK_CLOSED: lazy_gettext("Exception of a network ended"),
    Security.EXPORTED: lazy_gettext("Records exported"),
    Security.EXPORT_REFUSED: lazy_gettext("Export refused"),
}


def open_form(participant_id: UUID, **words: Any) -> str:
    return render_template("access/open.html", reasons=REASONS.items(), **({"errors": {}, "values": {}} | words))


def open_record(participant_id: UUID) -> Any:
    values, errors = read_form(OpeningSchema())
    if errors:
        return open_form(participant_id, errors=errors, values=request.form), 422
    try:
        watch.open_record(current_tx(), participant_id, **values)
    except Refused as refusal:
        return open_form(participant_id, values=request.form, refusal=problems.say(refusal)), refusal.status
    return redirect(url_for("participants.show", participant_id=participant_id), 303)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(languages.zone()))


def _usual() -> dict[str, str]:
    """The last day, in local time, for the empty form."""
    now = clock.now().astimezone(ZoneInfo(languages.zone()))
    return {
        "since": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "until": f"{now + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
    }


def touched() -> Any:
    """Whose data somebody touched between two moments, for the answer to a breach."""
    tx = current_tx()
    people = tx.session.execute(sa.select(Staff.username, Staff.display_name).order_by(Staff.username)).all()
    shown: dict[str, Any] = {"people": people, "errors": {}, "values": _usual(), "rows": None}
    if "username" not in request.args:
        return render_template("access/touched.html", **shown)
    schema = TouchedForm()
    given = {name: request.args.get(name, "") for name in schema.fields}
    problems_found = schema.validate(given)
    if problems_found:
        errors = dict.fromkeys(problems_found, gettext("Fill this in."))
        return render_template("access/touched.html", **(shown | {"errors": errors, "values": given})), 422
    values = schema.load(given)
    try:
        staff = watch.staff_named(tx, values["username"])
        rows = watch.touched(tx, staff.id, _utc(values["since"]), _utc(values["until"]))
    except Refused as refusal:
        page = render_template("access/touched.html", **(shown | {"values": given, "refusal": problems.say(refusal)}))
        return page, refusal.status
    return render_template("access/touched.html", **(shown | {"values": given, "rows": rows, "staff": staff}))


def alerts(**words: Any) -> str:
    tx = current_tx()
    return render_template("access/alerts.html", alerts=watch.alerts(tx), openings=watch.openings(tx), kinds=KINDS,
                           reasons=REASONS, log_alarms=log_alarms.newest(tx), alarm_kinds=ALARMS,
                           last_seal=log_alarms.last_seal(tx), **words)  # fmt: skip


def answer_alert(alert_id: UUID) -> Any:
    values, errors = read_form(FindingSchema())
    try:
        watch.answer_alert(current_tx(), alert_id, values.get("finding", "") if not errors else "")
    except Refused as refusal:
        current_tx().close()
        return alerts(refusal=problems.say(refusal)), refusal.status
    flash(gettext("Your finding is kept with the alert."), "success")
    return redirect(url_for("access.alerts"), 303)


def security_events() -> str:
    """What happened to accounts, networks and files that left."""
    kind = request.args.get("kind", "")
    wanted = Security(kind) if kind in set(Security) else None
    rows, more = security_log.events(current_tx(), kind=wanted, after=request.args.get("after", type=UUID))
    return render_template("access/events.html", rows=rows, more=more, kinds=EVENTS, wanted=wanted)
