"""Payment providers, found by name among the installed entry points."""

from importlib.metadata import entry_points
from typing import cast

from biobank.payments.providers.base import Provider, UnknownProvider

GROUP = "biobank.payment_providers"


def available() -> tuple[str, ...]:
    """The names of the installed providers, sorted."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load(name: str, **settings: object) -> Provider:
    """The named provider, built with its own settings; raises UnknownProvider, ValueError for bad settings."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise UnknownProvider(f"No payment provider is called {name!r}. Choose one of: {', '.join(available())}.")
    return cast(Provider, next(iter(found)).load()(**settings))
