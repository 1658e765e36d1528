"""Payment providers, found by name among the installed entry points."""

from importlib.metadata import entry_points
from typing import Any, cast

from biobank.payments.providers.base import Provider, UnknownProvider

GROUP = "biobank.payment_providers"


def available() -> tuple[str, ...]:
    """The names of the installed providers, sorted."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load(name: str, **settings: object) -> Provider:
    """The named provider, built with its own settings; raises UnknownProvider, ValueError for bad settings."""
    return cast(Provider, kind_of(name)(**settings))


def kind_of(name: str) -> Any:
    """The named provider's class, which says what it can do without being set up; raises UnknownProvider."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise UnknownProvider(f"No payment provider is called {name!r}. Choose one of: {', '.join(available())}.")
    return next(iter(found)).load()
