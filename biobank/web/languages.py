"""Languages and local time: what a reader sees, in English or Spanish, at the site's own clock."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from flask import Flask, g, request
from flask_babel import Babel, get_locale, get_translations, gettext
from markupsafe import Markup

from biobank.config import Settings
from biobank.errors import Phrase, retold

COOKIE = "language"


def _chosen(settings: Settings) -> str:
    wanted = request.cookies.get(COOKIE, "")
    if wanted in settings.locales:
        return wanted
    return request.accept_languages.best_match(settings.locales) or settings.locales[0]


def zone() -> str:
    """The IANA zone of the site that the signed-in person works at; UTC where none is known."""
    return str(g.get("zone", "UTC"))


@lru_cache(maxsize=10_000)
def _stamp(write: Callable[..., str], length: str, moment: datetime, zone_name: str, tongue: str) -> Markup:
    words = write(moment, length, tzinfo=ZoneInfo(zone_name), locale=tongue)
    utc = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), utc, words)


def local_time(moment: datetime | None) -> str | Markup:
    """Hour and minute at the site; UTC on hover."""
    return "–" if moment is None else _stamp(format_time, "short", moment, zone(), str(get_locale()))


def local_datetime(moment: datetime | None) -> str | Markup:
    """Day and time at the site; UTC on hover."""
    return "–" if moment is None else _stamp(format_datetime, "medium", moment, zone(), str(get_locale()))


def local_date(day: date | datetime | None) -> str:
    """The day at the site."""
    if day is None:
        return "–"
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone())).date()
    return format_date(day, "medium", locale=str(get_locale()))


def said(text: str | None, templates: Iterable[Phrase] = (), reasons: Iterable[Phrase] = ()) -> str:
    """A sentence that was kept in English, in the reader's language where it is one of ours; else as it is."""
    return retold(text or "", lambda message: str(gettext(message)), templates, reasons)


def _catalogue() -> Any:
    """The catalogue of this request's language, looked up once: a page asks it for hundreds of words."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def _word(message: str) -> str:
    return str(_catalogue().ugettext(message))


def _words(one: str, many: str, count: int) -> str:
    return str(_catalogue().ungettext(one, many, count))


@lru_cache(maxsize=20_000)
def _translated(catalogue: Any, message: str) -> Markup:
    return Markup(catalogue.ugettext(message))  # noqa: S704 - our own words, in our own catalogue


def _said(message: str, **words: object) -> Markup:
    """What a template's `_` answers: our words are ours, what is put into them is escaped.

    Jinja's own does the same and looks everything up anew; that was a quarter of a page's time.
    """
    return _translated(_catalogue(), message) % words


def register(app: Flask, settings: Settings) -> None:
    Babel(app, default_locale=settings.locales[0], locale_selector=lambda: _chosen(settings), timezone_selector=zone)
    app.jinja_env.install_gettext_callables(_word, _words, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = _said
    app.jinja_env.filters.update(local_time=local_time, local_datetime=local_datetime, local_date=local_date, said=said)
    app.jinja_env.globals.update(locale=lambda: str(get_locale()), locales=settings.locales)
