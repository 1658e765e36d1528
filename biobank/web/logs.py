"""Logs that cannot name a person: only listed keys pass, everything else is dropped and counted."""

import logging
import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, has_app_context, request

_ALLOWED = frozenset(
    ("event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "actor_kind", "actor_id",
     "station_id", "job", "count", "state", "port", "error", "process", "exception_kind", "where")
)  # fmt: skip
dropped = 0


def _only_allowed(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    global dropped  # noqa: PLW0603 - a counter for /metrics
    kept = {key: value for key, value in event.items() if key in _ALLOWED}
    dropped += len(event) - len(kept)
    return kept


def configure(level: str) -> None:
    """Log JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        cache_logger_on_first_use=False,
    )


log = structlog.get_logger()


def failure(error: BaseException, where: str) -> None:
    """Log that something failed: its kind and the line, never its words, which may hold a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    line = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else "?"
    log.error(
        "failed",
        exception_kind=type(error).__name__,
        where=f"{where} {line}",
        request_id=g.get("request_id") if has_app_context() else None,
    )


def register(app: Flask) -> None:
    """Number each request and log its route (never its address, which holds codes), status and time."""

    @app.before_request
    def number() -> None:
        g.request_id = uuid4().hex
        g.started = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        response.headers["Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static":
            log.info(
                "request", request_id=g.get("request_id"), method=request.method,
                route=str(request.url_rule or "unknown"), status=response.status_code,
                ms=round((time.perf_counter() - g.get("started", 0)) * 1000, 1),
            )  # fmt: skip
        return response
