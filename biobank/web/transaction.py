"""One transaction per request: opened when first asked for, committed before any byte leaves, else rolled back."""

from flask import Flask, Response, current_app, g, request

from biobank.actor import NOBODY, Actor
from biobank.db import Databases, Tx

_READS = {"GET", "HEAD", "OPTIONS"}


def databases() -> Databases:
    """The databases of the running application."""
    return current_app.extensions["biobank.databases"]  # type: ignore[no-any-return]


def actor() -> Actor:
    """Who makes this request; `NOBODY` before somebody has signed in."""
    return g.get("actor", NOBODY)  # type: ignore[no-any-return]


def current_tx() -> Tx:
    """This request's transaction. A GET may only read: what it must write goes through its own transaction first."""
    if "tx" not in g:
        g.tx = Tx(databases(), actor(), read_only=request.method in _READS, site=g.get("sites_seen", ""))
    return g.tx  # type: ignore[no-any-return]


def rest() -> None:
    """End this request's transaction before it waits; what is asked of the database afterwards begins another."""
    tx = g.pop("tx", None)
    if tx is not None:
        tx.close()


def register(app: Flask) -> None:
    """End each request's transaction as its answer says."""

    @app.after_request
    def finish(response: Response) -> Response:
        if "tx" in g and response.status_code < 400:
            g.tx.commit()
            if not g.tx.read_only:
                app.extensions["biobank.news"].tell()
        return response

    @app.teardown_request
    def close(_problem: BaseException | None) -> None:
        rest()
