"""Providers over JSON: their state for finance, a person's hold, and the door for their webhooks."""

from typing import Any

from flask import Response, current_app, make_response, request

from biobank.payments import gates, provider_state, webhooks
from biobank.payments.schemas import NoteForm, ProviderSchema
from biobank.web.api import Blueprint
from biobank.web.transaction import current_tx


def register(blueprint: Blueprint) -> None:
    """Add these addresses to the slice's part of the API."""

    @blueprint.route("/webhooks/<string:provider>", methods=["POST"])
    @blueprint.response(204)
    def take_webhook(provider: str) -> Response:
        """Take a signed webhook as a hint; 204 also when it came before."""
        settings = current_app.extensions["biobank.settings"]
        key_file = settings.payment_webhook_key_file
        webhooks.take(current_tx(), provider, request.get_data(), dict(request.headers), key_file)
        return make_response("", 204)

    @blueprint.route("/providers", methods=["GET"])
    @blueprint.response(200, ProviderSchema(many=True))
    def list_providers() -> list[Any]:
        """Every provider that was ever used: whether it sends, and what waits for it."""
        return provider_state.states_of(current_tx())

    @blueprint.route("/providers/<string:provider>/hold", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(200, ProviderSchema)
    def hold_provider(given: dict[str, Any], provider: str) -> Any:
        """Send nothing to a provider until it is resumed."""
        provider_state.require_known(current_tx(), provider)
        gates.hold(current_tx(), provider, given["note"])
        return provider_state.state_of(current_tx(), provider)

    @blueprint.route("/providers/<string:provider>/resume", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(200, ProviderSchema)
    def resume_provider(given: dict[str, Any], provider: str) -> Any:
        """Send to a held provider again."""
        provider_state.require_known(current_tx(), provider)
        gates.resume(current_tx(), provider, given["note"])
        return provider_state.state_of(current_tx(), provider)
