"""What the vault is given and gives back about a person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class DistinctReason(StrEnum):
    """Why somebody with the same details is another person."""

    TWIN = "twin"
    SHARED_CONTACT = "shared-contact"
    DOCUMENTS_DIFFER = "documents-differ"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name, in the order it is said."""

    first: str
    last: str

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}"

    def __repr__(self) -> str:
        return "PersonName(…)"  # a name must not reach a log through a traceback


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Ways to reach somebody; each may be missing."""

    email: str | None = None
    phone: str | None = None
    street: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who somebody is: shown at the identity check only."""

    name: PersonName
    born_on: date
    contact: Contact


@dataclass(frozen=True, slots=True)
class Codes:
    """The three unrelated codes of one person and the keys of the rows that carry them."""

    participant_id: UUID
    donor_id: UUID
    payee_id: UUID
    clinic: str
    biobank: str
    finance: str
