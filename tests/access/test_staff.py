"""What an administrator does about staff takes hold at once, and never locks everybody out."""

from collections.abc import Callable
from uuid import UUID

import pytest

from biobank.access import actions, factors, staff
from biobank.access.policy import Policy, policy_of
from biobank.actor import Actor, Role
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.errors import Conflict, Forbidden, NotSignedIn
from tests.access.factories import PASSWORD, make_staff
from tests.pages import Browser

PROGRAMME = policy_of(Settings(profile=Profile.PROGRAMME))
DEMO = policy_of(Settings(profile=Profile.DEMO))


def _id(actor: Actor) -> UUID:
    assert actor.id is not None
    return actor.id


def test_whoever_is_stopped_is_out_at_once(
    browser: Browser, databases: Databases, settings: Settings, people: dict[str, Actor]
) -> None:
    token = actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")
    browser.sign_in("adam")
    browser.get(f"/staff/{people['carla'].id}")
    browser.submit("Stop at once")
    with databases.transaction(read_only=True) as tx, pytest.raises(NotSignedIn):
        actions.session_of(tx, settings, token)


def test_a_role_that_is_gone_is_gone_from_open_sessions(
    browser: Browser, databases: Databases, settings: Settings, people: dict[str, Actor]
) -> None:
    token = actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")
    browser.sign_in("adam")
    browser.get(f"/staff/{people['carla'].id}")
    assert "signed out everywhere" in browser.post(f"/staff/{people['carla'].id}/roles", {"roles": "biobank"}).text
    with databases.transaction(read_only=True) as tx, pytest.raises(NotSignedIn):
        actions.session_of(tx, settings, token)


def test_conflicting_roles_are_refused_on_the_page(browser: Browser, people: dict[str, Actor]) -> None:
    browser.sign_in("adam")
    page = browser.post(f"/staff/{people['carla'].id}/roles", {"roles": ["clinic", "finance"]})
    assert "cannot be clinic and finance" in page.text


def test_of_two_administrators_the_second_sees_what_the_first_did(browser: Browser, people: dict[str, Actor]) -> None:
    browser.sign_in("adam")
    address = f"/staff/{people['carla'].id}"
    assert 'name="version" value="1"' in browser.get(address).html
    first = browser.post(f"{address}/roles", {"roles": "biobank", "version": "1"})
    assert "The roles are changed" in first.text
    assert (
        "changed this account meanwhile" in browser.post(f"{address}/roles", {"roles": "clinic", "version": "1"}).text
    )


def test_nobody_changes_themselves(databases: Databases, people: dict[str, Actor]) -> None:
    adam = people["adam"]
    with databases.transaction(adam) as tx:
        with pytest.raises(Forbidden):
            staff.set_roles(tx, _id(adam), [Role.CLINIC])
        with pytest.raises(Forbidden):
            staff.set_active(tx, _id(adam), active=False)
        with pytest.raises(Forbidden):
            staff.reset_factors(tx, _id(adam))


def test_the_last_administrator_stays(databases: Databases, people: dict[str, Actor]) -> None:
    with databases.transaction(people["ada"]) as tx:
        with pytest.raises(Conflict, match="only administrator"):
            staff.set_active(tx, _id(people["adam"]), active=False)
        with pytest.raises(Conflict, match="only administrator"):
            staff.set_roles(tx, _id(people["adam"]), [Role.CLINIC])


@pytest.mark.parametrize(
    ("policy", "role", "waits"),
    [(PROGRAMME, Role.FINANCE, True), (PROGRAMME, Role.BIOBANK, False), (DEMO, Role.FINANCE, False)],
)
def test_in_a_programme_power_is_given_by_two(
    databases: Databases, people: dict[str, Actor], policy: Policy, role: Role, waits: bool
) -> None:
    with databases.transaction(people["adam"]) as tx:
        asked = staff.change_roles(tx, policy, _id(people["carla"]), [role])
        assert (asked is not None) is waits
        assert (staff.roles_of(staff.find_staff(tx, _id(people["carla"]))) == {role}) is not waits


def test_lost_factors_are_reset_and_the_password_alone_opens_nothing_then(
    door: Callable[..., Browser], databases: Databases, people: dict[str, Actor], app_secret: bytes
) -> None:
    with databases.transaction(people["adam"]) as tx:
        staff.reset_factors(tx, _id(people["carla"]))
        assert factors.held_by(tx, _id(people["carla"])).methods == frozenset()
    assert door(factor_roles="clinic").sign_in("carla").headings == ["Your account"]


def test_a_program_gives_and_takes_roles(browser: Browser, databases: Databases, people: dict[str, Actor]) -> None:
    browser.sign_in("adam")
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "r"}
    path = f"/api/v1/staff/{people['carla'].id}"
    roles, tag = {"roles": ["clinic", "administrator"]}, {"If-Match": browser.client.get(path).headers["ETag"]}
    assert browser.client.put(f"{path}/roles", json=roles, headers=headers).status_code == 428
    answer = browser.client.put(f"{path}/roles", json=roles, headers=headers | tag)
    assert browser.client.put(f"{path}/roles", json=roles, headers=headers | tag).status_code == 412
    assert answer.json is not None
    assert answer.json["roles"] == ["administrator", "clinic"]
    stopped = browser.client.post(f"{path}/active", json={"active": False}, headers=headers | {"Idempotency-Key": "s"})
    assert stopped.json is not None
    assert stopped.json["active"] is False


def test_a_second_administrator_may_stop_the_first(databases: Databases, people: dict[str, Actor]) -> None:
    with databases.transaction(people["adam"]) as tx:
        site_id = staff.find_staff(tx, _id(people["adam"])).site_id
        eve = actions.actor_of(make_staff(tx, "eve", Role.ADMINISTRATOR, site_id=site_id))
    with databases.transaction(eve) as tx:
        assert not staff.set_active(tx, _id(people["adam"]), active=False).active
