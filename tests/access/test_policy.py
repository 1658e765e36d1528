"""What must be shown after the password, by profile, role and what somebody holds."""

from itertools import chain, combinations

import pytest

from biobank.access.policy import SECOND, Method, Stage, accepted, policy_of, stage_after
from biobank.access.throttle import LONGEST_WINDOWS, free_at
from biobank.actor import Role
from biobank.config import Profile, Settings

DEMO, SITE, PROGRAMME = (policy_of(Settings(profile=profile)) for profile in Profile)
HELD = [frozenset(some) for some in chain.from_iterable(combinations(sorted(SECOND), size) for size in range(4))]


def test_a_demonstration_is_one_step_for_everybody() -> None:
    assert {stage_after(DEMO, {role}, set(), {Method.PASSWORD}) for role in Role} == {Stage.OPEN}


@pytest.mark.parametrize("role", Role)
def test_a_pilot_and_a_programme_let_nobody_work_by_password_alone(role: Role) -> None:
    found = {stage_after(policy, {role}, held, {Method.PASSWORD}) for policy in (SITE, PROGRAMME) for held in HELD}
    assert Stage.OPEN not in found


def test_who_holds_a_factor_is_asked_for_it_whatever_the_policy() -> None:
    assert stage_after(DEMO, {Role.CLINIC}, {Method.TOTP}, {Method.PASSWORD}) is Stage.FACTOR


@pytest.mark.parametrize("role", [Role.FINANCE, Role.ADMINISTRATOR])
def test_with_power_only_a_passkey_opens(role: Role) -> None:
    for proof in (Method.TOTP, Method.RECOVERY):
        assert stage_after(PROGRAMME, {role}, SECOND, {Method.PASSWORD, proof}) is Stage.ENROL
    assert stage_after(PROGRAMME, {role}, SECOND, {Method.PASSKEY}) is Stage.OPEN
    assert Method.TOTP not in accepted(PROGRAMME, {role}, SECOND)


def test_roles_can_be_named_in_the_settings() -> None:
    named = policy_of(Settings(profile=Profile.DEMO, factor_roles="clinic, auditor", passkey_roles="biobank"))
    assert [named.needs_factor({role}) for role in Role] == [True, True, False, False, True]
    assert [role for role in Role if named.needs_passkey({role})] == [Role.BIOBANK]


def test_the_wait_doubles_with_each_full_window_up_to_an_hour() -> None:
    waits = [free_at(range(100, 100 + full)) - (100 + full - 1) for full in range(1, 7)]
    assert waits == [1, 2, 4, 8, LONGEST_WINDOWS, LONGEST_WINDOWS]


def test_without_a_full_window_there_is_no_wait() -> None:
    assert free_at([]) == 0
