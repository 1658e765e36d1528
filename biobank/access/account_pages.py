"""One's own account: factors, sessions, recent sign-ins, password; also where a first second factor is set up."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from reportlab.graphics.barcode.qr import QrCodeWidget
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import (
    entrance,
    entry_pages,
    factors,
    first_passwords,
    guard,
    own_factors,
    passkeys,
    request_door,
    sessions,
    totp,
)
from biobank.access.models import Staff
from biobank.access.password_rules import ranges_at, require_good
from biobank.access.policy import Method, Stage, policy_of
from biobank.access.schemas import PasskeySchema, PasswordSchema, ProofSchema
from biobank.errors import Conflict, Refused
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

ISSUER = "Biobank"


def _me() -> Staff:
    return current_tx().session.get_one(Staff, guard.signed_in().staff_id)


def _back() -> AnyResponse:
    return redirect(url_for("access.account"), 303)


def account(**words: Any) -> str:
    """Everything about one's own account on one page."""
    found, tx = guard.signed_in(), current_tx()
    door, policy = request_door.here(), policy_of(guard.settings())
    return render_template(
        "access/account.html", me=_me(), held=factors.held_by(tx, found.staff_id), found=found,
        enrolling=found.stage is Stage.ENROL, needs_passkey=policy.needs_passkey(found.actor.roles),
        added=factors.added_since(tx, found.staff_id, found.verified_at),
        asked=passkeys.ask_to_add(tx, door.place, _me()) if door.place.has_passkeys else None,
        sessions=sessions.live_sessions(tx, found.staff_id), events=entrance.recent(tx, found.staff_id), **words,
    )  # fmt: skip


def _again(refusal: Refused) -> tuple[str, int]:
    current_tx().close()
    return account(refusal=problems.say(refusal)), refusal.status


def _picture(text: str) -> tuple[int, str]:
    """A QR code (ISO/IEC 18004, level M) as the side of its square and an SVG path over its dark modules."""
    widget: Any = QrCodeWidget(text, barLevel="M")
    widget.qr.make()
    rows = widget.qr.modules
    dark = (f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return len(rows), "".join(dark)


def _totp_page(**words: Any) -> str:
    secret = factors.pending_totp(current_tx(), guard.signed_in().staff_id)
    if secret is None:
        raise Conflict("There is nothing to confirm. Start again from your account.")
    side, path = _picture(totp.address(secret, _me().username, ISSUER))
    return render_template("access/totp.html", side=side, path=path, spoken=totp.spoken(secret), **words)


def totp_form() -> str:
    """The picture for the authenticator app, and the box for its first code."""
    return _totp_page()


def add_totp() -> Any:
    """Without a code: draw a secret and show it. With the app's first code: from now on the app counts."""
    found, tx = guard.signed_in(), current_tx()
    code = read_form(ProofSchema())[0].get("secret", "").replace(" ", "")
    try:
        if not code:
            factors.begin_totp(tx, found.staff_id)
            return redirect(url_for("access.totp_form"), 303)
        factors.confirm_totp(tx, found.staff_id, code)
    except Refused as refusal:
        tx.close()
        return _totp_page(refusal=problems.say(refusal)), refusal.status
    flash(gettext("Your authenticator app is set up."), "success")
    return _codes_or_back()


def _codes_or_back() -> Any:
    """After the first factor come the printed codes; after a later one, the account."""
    found, tx = guard.signed_in(), current_tx()
    if Method.RECOVERY in factors.held_by(tx, found.staff_id).methods:
        return _back()
    return _show_codes()


def _show_codes() -> str:
    codes = factors.make_recovery_codes(current_tx(), guard.signed_in().staff_id)
    return render_template("access/recovery_codes.html", codes=codes, me=_me(),
                           enrolling=guard.signed_in().stage is Stage.ENROL)  # fmt: skip


def make_recovery_codes() -> Any:
    """Ten new codes, shown this once, to be printed."""
    try:
        own_factors.require_any(current_tx(), guard.signed_in())
    except Refused as refusal:
        return _again(refusal)
    return _show_codes()


def add_passkey() -> Any:
    values, errors = read_form(PasskeySchema())
    if errors:
        return _again(Conflict("Give the passkey a name and use it when the browser asks."))
    try:
        passkeys.add(current_tx(), request_door.here().place, guard.signed_in().staff_id, **values)
    except Refused as refusal:
        return _again(refusal)
    flash(gettext("Your passkey is set up."), "success")
    return _codes_or_back()


def remove_totp() -> Any:
    try:
        own_factors.remove_totp(current_tx(), policy_of(guard.settings()), guard.signed_in())
    except Refused as refusal:
        return _again(refusal)
    flash(gettext("Your authenticator app is removed."), "success")
    return _back()


def remove_passkey(passkey_id: UUID) -> Any:
    try:
        own_factors.remove_passkey(current_tx(), policy_of(guard.settings()), guard.signed_in(), passkey_id)
    except Refused as refusal:
        return _again(refusal)
    flash(gettext("The passkey is removed."), "success")
    return _back()


def finish_enrolment() -> Any:
    """Go on with what is set up now."""
    current_tx().commit()
    return entry_pages.go_on_with(entrance.finish_enrolment(request_door.here(), guard.signed_in()))


def _chosen() -> str:
    """The new password of this request. Raises `Refused` saying what is wrong with it."""
    values, errors = read_form(PasswordSchema())
    url = guard.settings().breached_ranges_url
    if errors:
        raise Conflict("Type the new password.")
    password: str = values["password"]
    require_good(password, username=_me().username, ranges=ranges_at(url) if url else None)
    current_tx().close()
    return password


def choose_password_form(**words: Any) -> str:
    """Behind the first password: the box for one's own."""
    return render_template("access/choose_password.html", me=_me(), next=entry_pages.next_target(), **words)


def choose_password() -> Any:
    try:
        entered = first_passwords.choose(request_door.here(), guard.signed_in(), password=_chosen())
    except Refused as refusal:
        current_tx().close()
        return choose_password_form(refusal=problems.say(refusal)), refusal.status
    return entry_pages.go_on_with(entered)


def change_password() -> Any:
    try:
        entrance.change_password(request_door.here(), guard.signed_in(), password=_chosen())
    except Refused as refusal:
        return _again(refusal)
    flash(gettext("Your password is changed. Your other sessions have ended."), "success")
    return _back()


def end_session(session_id: UUID) -> Any:
    try:
        sessions.end_session(current_tx(), guard.signed_in().staff_id, session_id)
    except Refused as refusal:
        return _again(refusal)
    return _back()


def end_other_sessions() -> AnyResponse:
    found = guard.signed_in()
    sessions.revoke_sessions(current_tx(), found.staff_id, but=found.session_id)
    flash(gettext("Your other sessions have ended."), "success")
    return _back()
