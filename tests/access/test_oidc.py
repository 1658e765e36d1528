"""Signing in through a sign-in service: there and back over real HTTP, and what is not let in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from biobank.access import sessions
from biobank.access.models import StaffSession
from biobank.access.oidc import identities
from biobank.access.policy import Method, Stage
from biobank.access.security_models import Security, SecurityEvent
from biobank.actor import Actor
from biobank.config import Profile, Settings, refuse_unsafe
from biobank.db import Databases
from biobank.errors import Conflict, Forbidden, UnsafeSettings
from tests.access.sign_in_service import CLIENT, SignInService, running, signed
from tests.pages import Browser

Door = Callable[..., Browser]


@pytest.fixture(scope="module")
def _service() -> Iterator[SignInService]:
    with running() as service:
        yield service


@dataclass
class Way:
    """A browser, the service it is sent to, and the database where it ends up."""

    service: SignInService
    databases: Databases
    people: dict[str, Actor]
    open_door: Callable[..., Browser]
    browser: Browser

    def bind(self, name: str, subject: str = "c0ffee") -> None:
        staff_id = self.people[name].id
        assert staff_id is not None
        with self.databases.transaction(self.people["adam"]) as tx:
            identities.bind(tx, staff_id, issuer=self.service.issuer, subject=subject)

    def go(self, path: str = "/sign-in/service") -> str:
        """To the service and back: the address that the service sends the browser to."""
        sent = self.browser.client.get(path)
        return httpx.get(sent.headers["Location"], follow_redirects=False).headers["Location"]

    def come_back(self, address: str) -> None:
        parts = urlsplit(address)
        self.browser.get(f"{parts.path}?{parts.query}")
        self.browser.submit("Go on")

    def sign_in(self) -> None:
        self.come_back(self.go())

    def session(self) -> StaffSession:
        cookie = self.browser.client.get_cookie("sid")
        assert cookie is not None
        with self.databases.transaction(read_only=True) as tx:
            return tx.session.query(StaffSession).filter_by(token_hash=sessions.token_hash(cookie.value)).one()

    def events(self) -> list[tuple[str, str]]:
        with self.databases.transaction(read_only=True) as tx:
            return [(row.kind, row.note) for row in tx.session.query(SecurityEvent).order_by(SecurityEvent.id)]


@pytest.fixture
def way(_service: SignInService, noon: object, databases: Databases, people: dict[str, Actor], door: Door) -> Way:
    _service.subject, _service.ways, _service.twist = "c0ffee", ["pwd", "mfa"], None
    given = {"oidc_issuer": _service.issuer, "oidc_client": CLIENT}
    return Way(_service, databases, people, lambda **more: door(**(given | more)), door(**given))


def test_somebody_who_is_bound_is_let_in(way: Way) -> None:
    way.bind("carla")
    way.browser.get("/sign-in")
    assert "Sign in with 127.0.0.1" in way.browser.page.links
    way.sign_in()
    assert way.browser.page.headings == ["Today"]
    assert way.session().verified_by is Method.OIDC_MFA


def test_what_is_asked_holds_state_nonce_and_pkce(way: Way) -> None:
    way.go()
    asked = way.service.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["scope"] == "openid"


def test_a_stranger_is_shown_what_to_tell_and_not_let_in(way: Way) -> None:
    way.sign_in()
    assert way.browser.status == 403
    assert "c0ffee" in way.browser.page.text
    assert way.events() == [(Security.STRANGER, "c0ffee")]


def test_a_stopped_account_is_not_let_in(way: Way) -> None:
    way.bind("carla")
    with way.databases.transaction(way.people["adam"]) as tx:
        from biobank.access.staff import set_active  # noqa: PLC0415

        set_active(tx, way.people["carla"].id, active=False)  # type: ignore[arg-type]
    way.sign_in()
    assert way.browser.status == 403


def test_a_return_counts_once(way: Way) -> None:
    way.bind("carla")
    back = way.go()
    kept = way.browser.client.get_cookie("oidc")
    assert kept is not None
    way.come_back(back)
    way.browser.client.set_cookie("oidc", kept.value)
    way.come_back(back)
    assert way.browser.status == 401


def test_another_browsers_return_is_refused(way: Way) -> None:
    way.bind("carla")
    back = way.go()
    way.go()
    way.come_back(back)
    assert way.browser.status == 401
    assert way.events()[-1] == (Security.PROVIDER_REFUSED, "state")


def test_a_return_without_a_beginning_is_refused(way: Way) -> None:
    way.browser.get("/sign-in/service/return?code=x&state=y")
    way.browser.submit("Go on")
    assert way.browser.status == 401


def test_a_refusal_of_the_service_is_told(way: Way) -> None:
    state = parse_qs(urlsplit(way.go()).query)["state"][0]
    way.browser.get(f"/sign-in/service/return?error=access_denied&state={state}")
    way.browser.submit("Go on")
    assert "was not accepted" in way.browser.page.text


def test_a_return_from_another_issuer_is_refused(way: Way) -> None:
    way.bind("carla")
    way.come_back(way.go().replace("iss=http", "iss=https"))
    assert way.events()[-1] == (Security.PROVIDER_REFUSED, "answer")


@pytest.mark.parametrize(("twisted", "why"), [
    ({"nonce": "another"}, "nonce"), ({"aud": "another"}, "audience"), ({"exp": 1}, "expired"),
    ({"at_hash": "another"}, "at_hash"),
])  # fmt: skip
def test_a_token_not_meant_for_this_is_refused_and_written_down(way: Way, twisted: dict[str, Any], why: str) -> None:
    way.bind("carla")
    way.service.twist = lambda claims: signed(claims | twisted)
    way.sign_in()
    assert way.browser.status == 401
    assert way.events()[-1] == (Security.PROVIDER_REFUSED, why)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(way: Way, target: str) -> None:
    way.bind("carla")
    back = urlsplit(way.go(f"/sign-in/service?next={target}"))
    page = way.browser.get(f"{back.path}?{back.query}")
    answer = way.browser.client.post("/sign-in/service/finish", data=page.forms[-1].values,
                                     headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert answer.headers["Location"] == "/"


def test_the_services_word_alone_is_one_factor(way: Way) -> None:
    way.service.ways = ["pwd"]
    way.bind("carla")
    way.browser = way.open_door(factor_roles="clinic")
    way.sign_in()
    assert way.session().stage is Stage.ENROL


def test_a_card_is_as_good_as_a_passkey(way: Way) -> None:
    way.bind("fiona")
    way.browser = way.open_door(passkey_roles="finance")
    way.sign_in()
    assert way.session().stage is Stage.ENROL
    way.service.ways = ["sc", "mfa"]
    way.browser = way.open_door(passkey_roles="finance")
    way.sign_in()
    assert (way.session().stage, way.session().verified_by) == (Stage.OPEN, Method.PIV)


def test_the_service_confirms_and_unlocks_the_session_that_asked(way: Way) -> None:
    way.bind("carla")
    way.sign_in()
    way.browser.post("/lock", {"next": "/today"})
    assert "Through 127.0.0.1" in way.browser.page.links
    way.come_back(way.go("/sign-in/service?aim=confirm&next=/account"))
    assert way.browser.page.headings == ["Your account"]
    assert way.service.asked[-1]["prompt"] == "login"


def test_somebody_else_does_not_confirm(way: Way) -> None:
    way.bind("carla")
    way.sign_in()
    way.bind("cleo", "another")
    way.service.subject = "another"
    way.come_back(way.go("/sign-in/service?aim=confirm"))
    assert "somebody else" in way.browser.page.text


def test_an_administrator_binds_and_unbinds_on_the_page(way: Way) -> None:
    way.browser.sign_in("adam")
    way.browser.get(f"/staff/{way.people['carla'].id}")
    way.browser.submit("Bind", subject="c0ffee")
    assert "c0ffee" in way.browser.page.text
    way.browser.submit("Unbind")
    assert [kind for kind, _ in way.events()] == [Security.IDENTITY_BOUND, Security.IDENTITY_UNBOUND]


def test_nobody_binds_their_own_and_none_is_bound_twice(way: Way) -> None:
    with pytest.raises(Forbidden):
        way.bind("adam")
    way.bind("carla")
    with pytest.raises(Conflict):
        way.bind("cleo")


def test_without_a_service_there_is_no_way(door: Door) -> None:
    assert door().client.get("/sign-in/service").status_code == 404


def test_a_service_without_tls_is_refused_at_the_start() -> None:
    given = Settings(profile=Profile.SITE, oidc_issuer="http://id.example.gov")
    with pytest.raises(UnsafeSettings, match="OIDC_ISSUER must begin with https"):
        refuse_unsafe(given)
