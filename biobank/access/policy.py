"""How somebody must prove who they are: by role and profile, and what is still asked for after each proof."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from biobank.actor import Role
from biobank.config import Profile, Settings


class Method(StrEnum):
    """By what somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - the word, not one of them
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    # What a sign-in service vouches for: some way of its own, two factors, or a card or key that cannot be phished.
    OIDC = "oidc"
    OIDC_MFA = "oidc-mfa"
    PIV = "piv"


class Stage(StrEnum):
    """How far a session has come: only an open one does work."""

    OPEN = "open"
    FACTOR = "factor"
    ENROL = "enrol"
    PASSWORD = "password"  # noqa: S105 - the word, not one of them
    LOCKED = "locked"


SECOND = frozenset({Method.TOTP, Method.PASSKEY, Method.RECOVERY})
FROM_SERVICE = frozenset({Method.OIDC, Method.OIDC_MFA, Method.PIV})
UNPHISHABLE = frozenset({Method.PASSKEY, Method.PIV})
_EVERYBODY = frozenset(Role)
_WITH_POWER = frozenset({Role.FINANCE, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Policy:
    """Who needs a second factor, who a passkey; whether names need a passkey, power two people to give it, and a
    signature a proof of the last minutes (21 CFR 11.200).
    """

    factor: frozenset[Role]
    passkey: frozenset[Role]
    reveal_by_passkey: bool
    grants_by_two: bool
    signs_afresh: bool = False

    def needs_factor(self, roles: Collection[Role]) -> bool:
        return not self.factor.isdisjoint(roles) or self.needs_passkey(roles)

    def needs_passkey(self, roles: Collection[Role]) -> bool:
        return not self.passkey.isdisjoint(roles)


# A demonstration stays one step; a pilot asks everybody for a second one; a programme also for passkeys.
_BY_PROFILE = {
    Profile.DEMO: Policy(frozenset(), frozenset(), reveal_by_passkey=False, grants_by_two=False),
    Profile.SITE: Policy(_EVERYBODY, frozenset(), reveal_by_passkey=False, grants_by_two=False),
    Profile.PROGRAMME: Policy(_EVERYBODY, _WITH_POWER, reveal_by_passkey=True, grants_by_two=True, signs_afresh=True),
}


def _roles(text: str, otherwise: frozenset[Role]) -> frozenset[Role]:
    if not text:
        return otherwise
    return frozenset(Role(word.strip()) for word in text.split(",") if word.strip() in set(Role))


def policy_of(settings: Settings) -> Policy:
    """The policy of the profile, with the roles that the settings name instead."""
    base = _BY_PROFILE[settings.profile]
    return Policy(_roles(settings.factor_roles, base.factor), _roles(settings.passkey_roles, base.passkey),
                  base.reveal_by_passkey, base.grants_by_two, base.signs_afresh)  # fmt: skip


def accepted(policy: Policy, roles: Collection[Role], held: Collection[Method]) -> frozenset[Method]:
    """What may follow the password: the factors held, but nothing weaker than a passkey where one is demanded."""
    offered = SECOND.intersection(held)
    if policy.needs_passkey(roles) and Method.PASSKEY in offered:
        return offered - {Method.TOTP}
    return offered


def stage_after(policy: Policy, roles: Collection[Role], held: Collection[Method], proved: Collection[Method]) -> Stage:
    """How far a session has come after these proofs, by somebody who holds these factors."""
    if UNPHISHABLE.intersection(proved):
        return Stage.OPEN
    if not (SECOND | {Method.OIDC_MFA}).intersection(proved):
        if SECOND.intersection(held):
            return Stage.FACTOR
        return Stage.ENROL if policy.needs_factor(roles) else Stage.OPEN
    return Stage.ENROL if policy.needs_passkey(roles) else Stage.OPEN
