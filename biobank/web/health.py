"""Is it alive, is it ready, how is it doing: /healthz, /readyz, /metrics."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from biobank.web import logs

Check = Callable[[], str | None]
blueprint = Blueprint("health", __name__)
registry = CollectorRegistry()
requests_total = Counter("biobank_requests", "Requests answered", ["status"], registry=registry)
dropped_log_keys = Gauge("biobank_log_keys_dropped", "Log keys refused by the allow-list", registry=registry)


@blueprint.get("/healthz")
def alive() -> Response:
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 when each part answers; 503 naming the parts that do not."""
    checks: dict[str, Check] = current_app.extensions["biobank.readiness"]
    found = {name: check() for name, check in checks.items()}
    failing = {name: words for name, words in found.items() if words}
    return jsonify(status="not ready" if failing else "ready", failing=failing), 503 if failing else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    dropped_log_keys.set(logs.dropped)
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)

    @app.after_request
    def count(response: Response) -> Response:
        requests_total.labels(status=str(response.status_code)).inc()
        return response
