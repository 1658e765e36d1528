"""Where keys come from: named secrets, and the master keys under which each person's own key is wrapped."""

from importlib.metadata import entry_points
from typing import cast

from biobank.config import Settings
from biobank.errors import UnsafeSettings
from biobank.keys.files import FileKeys
from biobank.keys.provider import KeyProvider

GROUP = "biobank.key_providers"


def load(settings: Settings) -> KeyProvider:
    """The key provider that BIOBANK_KEY_PROVIDER names: `file` is built in, others are entry points.

    Raises `UnsafeSettings` for a name that nothing was installed for.
    """
    if settings.key_provider == "file":
        return FileKeys(settings)
    found = entry_points(group=GROUP, name=settings.key_provider)
    if not found:
        names = ", ".join(sorted({"file", *entry_points(group=GROUP).names}))
        raise UnsafeSettings(
            f"BIOBANK_KEY_PROVIDER={settings.key_provider!r} is not installed. Choose one of: {names}."
        )
    return cast(KeyProvider, next(iter(found)).load()(settings))
