"""What needs two people: each kind of approval, who may give it, how long it waits, and where its subject is shown."""

from dataclasses import dataclass
from datetime import timedelta

from biobank.actor import Role
from biobank.errors import Phrase


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One thing that one person asks for and another approves.

    `words` name it to a clerk. `roles` may decide it; with `own_site` only at the site of whoever asked. `page` is the
    path where the subject is shown, with `{subject}` in it; empty where there is none.
    """

    words: Phrase
    roles: frozenset[Role]
    waits: timedelta = timedelta(hours=72)
    own_site: bool = False
    page: str = ""


# A kind that is not listed cannot be asked for; what follows from each stands in `wiring.APPROVED`.
KINDS: dict[str, Kind] = {
    "staff.roles": Kind(
        words=Phrase("Change of roles"), roles=frozenset({Role.ADMINISTRATOR}), page="/staff/{subject}"
    ),
    "access.network": Kind(
        words=Phrase("Network let in for a while"), roles=frozenset({Role.ADMINISTRATOR}), page="/networks"
    ),
    "payments.close": Kind(
        words=Phrase("Close of a month"), roles=frozenset({Role.FINANCE}), page="/periods/{subject}"
    ),
    "payments.reopen": Kind(
        words=Phrase("Opening of a closed month"), roles=frozenset({Role.FINANCE}), page="/periods/{subject}"
    ),
    "payments.book": Kind(
        words=Phrase("Booking of a statement line"), roles=frozenset({Role.FINANCE}), page="/lines/{subject}"
    ),
    "payments.write-off": Kind(
        words=Phrase("Write-off of money in suspense"), roles=frozenset({Role.FINANCE}), page="/payments/books/1900"
    ),
    "payments.wanted": Kind(
        words=Phrase("Payment wanted after all"), roles=frozenset({Role.FINANCE}), waits=timedelta(days=30)
    ),
    "payments.revoke": Kind(words=Phrase("Payment that was not earned"), roles=frozenset({Role.FINANCE})),
    "payments.cap": Kind(words=Phrase("Limit of payments"), roles=frozenset({Role.FINANCE})),
    "payments.ach": Kind(
        words=Phrase("File for the bank"), roles=frozenset({Role.FINANCE}), page="/payments/bank-files"
    ),
    "payments.site_cash": Kind(
        words=Phrase("Cash or gift cards at a site"), roles=frozenset({Role.CLINIC}), own_site=True
    ),
    "specimens.release_excursion": Kind(
        words=Phrase("Release of a parcel that was not kept cold"),
        roles=frozenset({Role.BIOBANK}),
        page="/cases/{subject}",
    ),
    "specimens.destroy": Kind(
        words=Phrase("Destruction of a withdrawn participant's tubes"),
        roles=frozenset({Role.BIOBANK}),
        page="/withdrawals/{subject}",
    ),
    "participant.death": Kind(
        words=Phrase("Death of a participant"),
        roles=frozenset({Role.CLINIC}),
        own_site=True,
        waits=timedelta(days=30),
        page="/participants/{subject}",
    ),
}
