"""Every page that a role can reach on a filled programme, read in Spanish: no English word of ours, no closed value."""

import re
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client

from biobank import catalogue, clock
from biobank.actor import SYSTEM
from biobank.db import Databases, Tx
from biobank.demo import seed
from biobank.devices import signing
from biobank.payments import ledger, links, words
from biobank.payments.actions import hold, import_statement, match_all
from biobank.payments.models import Disbursement, ExceptionKind, State, TransferKind
from biobank.payments.providers import judgement, tremendous
from biobank.payments.questions import open_exception
from biobank.payments.states import Step, move
from biobank.specimens import custody
from biobank.specimens.custody import NotAllowed
from biobank.visits.models import Visit
from biobank.web import problems
from labels import Kind, mint
from tests.house import page_fields
from tests.payments.factories import statement

# Words are the same on every database: one filled programme is enough to read them all.
pytestmark = pytest.mark.parametrize("backend", ["embedded"], indirect=True)

# One of each role at each site: the second of them sees the same.
PEOPLE = [name for name, _, _ in seed.sign_ins() if name not in ("cleo", "bea", "felix")]
# The product's name and the inch are the same in every language; boxes and label designs are
# called as somebody named them; the frame of what a participant is shown speaks the participant's language.
SAME = {"Biobank", "in", "Set apart", "box", "place", "shipment", "Main"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
# More pages of one kind show nothing new but cost time.
OF_A_KIND = 6
_VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path", "rect", "circle"}
_SHOWN = ("aria-label", "title", "placeholder", "alt")
_ENGLISH = re.compile(r"\b(the|is|are|was|were|with|from|and|not|this|has|have|of|for|by)\b", re.IGNORECASE)


class Reader(HTMLParser):
    """What a page says to its reader, and where it leads; parts that are marked as English are passed over."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.words: list[str] = []
        self.addresses: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        # A link that says of itself that it leads to English is not followed.
        if tag != "link" and given.get("lang") != "en":
            self.addresses += [given[name] for name in ("href", "hx-get") if name in given]
        is_apart = tag in ("script", "style", "code", "time") or given.get("lang") == "en" or self._is_apart
        if not is_apart:
            self.words += [given[name] for name in _SHOWN if name in given]
        if tag not in _VOID:
            self._open.append((tag, is_apart))

    @property
    def _is_apart(self) -> bool:
        # The page itself says which language it is in; only what stands inside it is apart.
        return any(apart for _, apart in self._open[1:])

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(apart for _, apart in self._open):
            self.words.append(" ".join(data.split()))


def _is_english(words: str, known: set[str]) -> bool:
    return words in known or bool(_ENGLISH.search(words))


def _crawl(client: Client, app: Flask, also: Iterable[str] = ()) -> dict[str, Reader]:
    """Each page that this person can reach by links from home and from these, by its address."""
    routes = app.url_map.bind("localhost")
    waiting, seen, kinds = ["/", *also], {"/", *also}, Counter[str]()
    read: dict[str, Reader] = {}
    while waiting:
        address = waiting.pop(0)
        response = client.get(address, follow_redirects=True)
        assert response.status_code < 500, address
        if response.mimetype != "text/html":
            continue
        page = Reader(response.get_data(as_text=True))
        read[f"{address} ({response.status_code})"] = page
        for found in page.addresses:
            path = urlsplit(found).path
            if not path.startswith("/") or found in seen or path.startswith(("/static/", "/api/")):
                continue
            endpoint, _ = routes.match(path, "GET")
            kinds[str(endpoint)] += 1
            if kinds[str(endpoint)] <= OF_A_KIND:
                seen.add(found)
                waiting.append(found)
    return read


def _fill(databases: Databases, folder: Path, *, full: bool) -> Databases:
    keys = [signing.make_key(folder / f"{number}.key") for number in range(len(seed.DESKS))]
    seed.fill(databases, public_keys=keys, full=full)
    return databases


@pytest.fixture
def filled(databases: Databases, tmp_path: Path) -> Databases:
    _fill(databases, tmp_path, full=True)
    with databases.transaction(SYSTEM) as tx:
        _pay(tx)
    return databases


def _pay(tx: Tx) -> None:
    """Payments in every state, and a statement with a line of each kind."""
    payments = tx.session.scalars(sa.select(Disbursement).order_by(Disbursement.id)).all()
    first, second, third, fourth, fifth, *_ = payments
    for payment in (first, second, third):
        link = links.seal(tx.databases, payment.id, "https://example.org/link")
        _move(
            tx,
            payment,
            State.SENT,
            sealed_link=link,
            sent_at=clock.now(),
            provider="made-up",
            provider_ref=link[-8:].hex(),
        )
        ledger.post(tx, TransferKind.PAYMENT, payment.id, payment.amount_cents)
    said = tremendous.UNANSWERED % {"kind": "ReadTimeout"}
    _move(tx, fourth, State.UNKNOWN, note=said)
    _move(tx, fifth, State.FAILED, note=judgement.DEAD)
    open_exception(tx, ExceptionKind.FAILED, judgement.DEAD, disbursement_id=fifth.id)
    hold(tx, payments[5].id, "llamó la clínica")
    lines = [(first.external_id, -2500), (second.external_id, -1000), ("BB-0000000000000000-1", -2500), ("?", -2500)]
    import_statement(tx, statement([("2026-11-20", text, cents) for text, cents in lines]))
    match_all(tx)


def _move(tx: Tx, payment: Disbursement, to: State, *, note: str = "", **changes: Any) -> None:
    """Send a payment, and let the provider's answer lead to this state."""
    leased = {"lease_token": "one", "lease_until": clock.now()}
    free = {"lease_token": None, "lease_until": None, **changes}
    for came_from, state, said, values in (
        (State.QUEUED, State.SENDING, "", leased),
        (State.SENDING, to, note, free),
    ):
        assert move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=state, note=said, changes=values))


def _complete_visits(databases: Databases) -> list[str]:
    """The addresses of complete visits, which no link leads to once their day is over."""
    with databases.transaction(SYSTEM, read_only=True) as tx:
        found = tx.session.scalars(sa.select(Visit.id).filter_by(state="complete")).all()
    pages = ("finish", "measurements", "collection", "payment", "payment/link", "your-25")
    return [f"/visits/{visit_id}/{page}" for visit_id in found for page in pages]


@pytest.fixture
def staffed(databases: Databases, tmp_path: Path) -> Databases:
    return _fill(databases, tmp_path, full=False)


def _signed_in(app: Flask, username: str) -> Client:
    client = app.test_client()
    client.set_cookie("language", "es")
    client.post("/sign-in", data={"username": username, "password": seed.PASSWORD}, headers=SAME_ORIGIN)
    return client


def _english() -> set[str]:
    """Our English sentences and words whose Spanish is another."""
    ours = {str(message.id) for message in catalogue.spanish() if message.id and message.id != message.string}
    return {words for words in ours if "%(" not in words} - SAME


def test_every_page_is_in_the_language_of_its_reader_and_holds_nothing_closed_to_them(
    app: Flask, filled: Databases
) -> None:
    known, closed, left, shown = _english(), page_fields.closed(filled), {}, {}
    for username in PEOPLE:
        also = _complete_visits(filled) if username in ("carla", "pedro") else []
        for address, page in _crawl(_signed_in(app, username), app, also).items():
            left |= {part: f"{username} {address}" for part in page.words if _is_english(part, known)}
            squeezed = page_fields.squeezed(page.html)
            found = {what for value, what in closed[username].items() if value in squeezed}
            shown |= {(username, what): address for what in found}
    assert left == {}
    assert shown == {}


def _answer(app: Flask, username: str, address: str, **form: Any) -> str:
    client = _signed_in(app, username)
    response = client.post(address, data=form, headers=SAME_ORIGIN, follow_redirects=True)
    return " ".join(Reader(response.get_data(as_text=True)).words)


@pytest.mark.parametrize(
    ("username", "address", "code", "said"),
    [
        ("carla", "/today/scan", mint(Kind.TUBE), "Este es un código de tubo. Escanee un código de participante"),
        ("carla", "/today/scan", "P123", "El código tiene muy pocos caracteres: 4 en vez de 13."),
        ("ben", "/bench", mint(Kind.TUBE)[:-1], "El código tiene muy pocos caracteres: 12 en vez de 13."),
        ("ben", "/tubes", mint(Kind.PARTICIPANT), "Esta etiqueta no es de un tubo, caja, envío ni toma."),
    ],
    ids=["a tube for a card", "half a card", "half a tube", "a person for a tube"],
)
def test_a_wrong_code_is_refused_in_spanish(
    app: Flask, staffed: Databases, username: str, address: str, code: str, said: str
) -> None:
    assert said in _answer(app, username, address, code=code)


def test_an_empty_box_is_asked_for_in_spanish(app: Flask, staffed: Databases) -> None:
    assert "Llene este campo." in _answer(app, "carla", "/participants/search", last_name="")


def test_a_statement_is_refused_in_spanish(app: Flask, staffed: Databases) -> None:
    file = (BytesIO(b"Date,Description,Reference,Amount,Balance\n2026-11-01,x\n"), "statement.csv")
    assert "La fila 2 tiene 2 columnas en vez de 5." in _answer(app, "fiona", "/statements", file=file)


def test_a_step_that_custody_forbids_is_refused_in_spanish(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}), pytest.raises(NotAllowed) as refused:
        custody.apply(custody.TubeState(), custody.EventType.PACKED)
    with app.test_request_context(headers={"Accept-Language": "es"}):
        said = problems.say(refused.value)
    assert said == ("Este tubo no puede quedar empacado ahora. Todavía no tiene etiqueta: imprima su etiqueta.")


def test_a_note_we_wrote_is_read_in_spanish_and_a_persons_as_it_is(app: Flask) -> None:
    kept = ["The line names BB-1.", "The line was mine."]
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert [words.note(text) for text in kept] == ["La línea nombra BB-1.", "The line was mine."]
