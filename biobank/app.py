"""The web application, put together from top to bottom."""

from importlib import import_module
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext, lazy_gettext

from biobank import db, events, keys, migrations, wiring
from biobank.access import export_door, field_door, guard, passwords
from biobank.config import Settings, from_environment, refuse_unsafe
from biobank.db import Databases
from biobank.web import api, health, idempotency, languages, logs, transaction
from biobank.web import guard as headers
from biobank.web.news import News, Who
from labels import parse

SLICES = ("access", "printing", "stations", "participants", "visits", "measurements", "specimens", "specimens.storage",
          "specimens.sprec", "specimens.inventory", "specimens.withdrawal", "payments")  # fmt: skip
NAVIGATION = (
    ("visits.today", lazy_gettext("Today")),
    ("participants.enrol_form", lazy_gettext("Enrol")),
    ("specimens.packing", lazy_gettext("Pack and ship")),
    ("specimens.bench", lazy_gettext("Bench")),
    ("specimens.tubes", lazy_gettext("Tubes")),
    ("storage.home", lazy_gettext("Storage")),
    ("specimens.case_list", lazy_gettext("Cases")),
    ("stations.labels", lazy_gettext("Labels")),
    ("payments.site_cash", lazy_gettext("Cash and cards")),
    ("payments.home", lazy_gettext("Payments")),
    ("payments.statements", lazy_gettext("Statements")),
    ("stations.administration", lazy_gettext("Administration")),
    ("access.looks", lazy_gettext("Who saw whom")),
    ("access.approvals", lazy_gettext("Approvals")),
)
# These repeat safely by their own numbers, or must not have their answer kept (a session's token, a person's data).
UNSTORED = frozenset({"access_api.sign_in", "access.sign_in", "access.add_totp", "access.add_passkey",
                      "access.make_recovery_codes", "stations_api.post_readings", "stations_api.heartbeat",
                      "stations_api.claim_print_jobs", "stations_api.report_print_job",
                      "stations_api.claim_commands", "stations_api.report_command",
                      "participants_api.return_data", "access_api.begin_totp",
                      "access.give_first_password", "access_api.give_first_password", "access_api.add_staff",
                      "stations.add_staff",
                      "access_api.make_recovery_codes"})  # fmt: skip

# A provider's webhook is known by its own uuid.
KEYLESS = frozenset({"payments_api.take_webhook"})


def _own_secret(settings: Settings) -> str:
    """The secret of a demonstration, made on first use and kept beside the database keys."""
    return keys.load(settings).secret("secret").hex()


def open_on(app: Flask, settings: Settings, databases: Databases) -> None:
    """Let the application answer from these databases; all that a request asks of either is found through here."""
    secret = settings.secret_key_file.read_text().strip() if settings.secret_key_file else _own_secret(settings)
    app.config["SECRET_KEY"] = secret
    app.extensions["biobank.settings"] = settings
    app.extensions["biobank.databases"] = databases
    app.extensions["biobank.readiness"] = _readiness(databases)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_PARTS=1000,
        TRUSTED_HOSTS=[name.strip() for name in settings.trusted_hosts.split(",") if name.strip()] or None,
        BABEL_TRANSLATION_DIRECTORIES="translations",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SESSION_COOKIE_SAMESITE="Strict",
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]


def _grouped(text: str) -> str:
    """A code as people read it aloud; anything else as it is."""
    try:
        return parse(text).grouped
    except ValueError:
        return text


def _pages(app: Flask) -> None:
    app.jinja_env.filters["grouped"] = _grouped
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["fresh_key"] = lambda: uuid4().hex
    app.jinja_env.globals["navigation"] = lambda: [
        (endpoint, words) for endpoint, words in NAVIGATION if endpoint in app.view_functions and guard.may(endpoint)
    ]


def _register_slices(app: Flask, interface: api.Api) -> None:
    for name in SLICES:
        interface.register_blueprint(import_module(f"biobank.{name}.api").blueprint)
        app.register_blueprint(import_module(f"biobank.{name}.pages").blueprint)


def _readiness(databases: Databases) -> dict[str, health.Check]:
    def answers(engine: sa.Engine) -> str | None:
        try:
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return str(gettext("It does not answer."))
        return None

    return {
        "study database": lambda: answers(databases.study.engine),
        "vault": lambda: answers(databases.vault.engine),
        "migrations": lambda: migrations.pending(databases),
    }


def create_app(settings: Settings | None = None, databases: Databases | None = None) -> Flask:
    """The service as a WSGI application. Raises `UnsafeSettings` rather than start in a dangerous way."""
    settings = settings or from_environment()
    refuse_unsafe(settings)
    logs.configure(settings.log_level)
    passwords.choose(settings.password_hash)
    app = Flask("biobank")
    _configure(app, settings)
    events.connect(wiring.TABLE)

    # Before a request: number it, guard it, say who asks, then its idempotency key. After it, in reverse: write down
    # a file that leaves, keep the answer for its key, commit, and only then, with no lock held, headers and log.
    logs.register(app)
    headers.register(app)
    languages.register(app, settings)
    guard.register(app, wiring.verify_station, wiring.sites_of)
    transaction.register(app)
    idempotency.register(app, UNSTORED, KEYLESS)
    field_door.register(app)
    export_door.register(app)
    interface = api.start(app)
    app.extensions["biobank.api"] = interface
    _register_slices(app, interface)
    health.register(app)
    _pages(app)
    app.extensions["biobank.news"] = News({Who.PAGE: settings.threads // 2, Who.DESK: settings.threads // 4})
    open_on(app, settings, databases or db.connect(settings))
    return app
