"""Things that happened, and the table that says what follows from each, in the same transaction."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a type only: events know nothing of storage
    from biobank.db import Tx


Reaction = Callable[["Tx", Any], None]
_reactions: Mapping[type, Iterable[Reaction]] = {}


def connect(table: Mapping[type, Iterable[Reaction]]) -> None:
    """Make this table the one that says what follows. Called once, by the wiring."""
    global _reactions  # noqa: PLW0603 - one table for the process is the point
    _reactions = table


def emit(tx: "Tx", event: object) -> None:
    """Run what follows from this event, in order, inside the transaction that made it happen."""
    for react in _reactions.get(type(event), ()):
        react(tx, event)
