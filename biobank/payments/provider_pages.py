"""The providers on finance's page: how each stands, what holds it back, and a person's own hold."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from biobank.payments import gates, provider_state
from biobank.payments.notes import read_note
from biobank.web.transaction import current_tx


def _page(**context: Any) -> str:
    filled: dict[str, Any] = {"values": {}, "errors": {}, "wrong": None} | context
    return render_template("payments/providers.html", providers=provider_state.states_of(current_tx()), **filled)


def show_providers() -> str:
    return _page()


def hold_provider(provider: str) -> Any:
    """Send nothing to it until somebody resumes it."""
    return _step(provider, gates.hold, gettext("Held. Nothing more is sent until somebody resumes it."))


def resume_provider(provider: str) -> Any:
    """Send to it again."""
    return _step(provider, gates.resume, gettext("Resumed. What waits is sent now."))


def _step(provider: str, take: Any, done: str) -> Any:
    provider_state.require_known(current_tx(), provider)
    note, errors = read_note()
    if errors:
        return _page(values=request.form, errors=errors, wrong=provider), 422
    take(current_tx(), provider, note)
    flash(done)
    return redirect(url_for("payments.providers"), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/providers", "GET", "providers", show_providers),
    ("/payments/providers/<string:provider>/hold", "POST", "hold_provider", hold_provider),
    ("/payments/providers/<string:provider>/resume", "POST", "resume_provider", resume_provider),
)
