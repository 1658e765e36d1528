"""Equations, months, exceptions and matches by hand over JSON."""

from typing import Any
from uuid import UUID

from flask import Response, request

from biobank.payments import (
    book_facts,
    bookings,
    checklist,
    listing,
    matching_by_hand,
    nightly,
    periods,
    questions,
    write_offs,
)
from biobank.payments.models import Period, ReconException
from biobank.payments.schemas import (
    BasketForm,
    BookingForm,
    EquationSchema,
    ExceptionSchema,
    NoteForm,
    PeriodSchema,
    PointSchema,
    ResolveForm,
    WaiveSchema,
)
from biobank.web.api import Blueprint, PageQuery, keyset_page, with_next
from biobank.web.transaction import current_tx


def register(blueprint: Blueprint) -> None:
    """Add these addresses to the slice's part of the API."""
    _books(blueprint)
    _periods(blueprint)
    _period_steps(blueprint)
    _questions(blueprint)


def _books(blueprint: Blueprint) -> None:
    @blueprint.route("/books/equations", methods=["GET"])
    @blueprint.response(200, EquationSchema(many=True))
    def list_equations() -> list[Any]:
        """Every equation of the books, as it stands now."""
        return book_facts.all_equations(current_tx())

    @blueprint.route("/books/equations", methods=["POST"])
    @blueprint.response(200, EquationSchema(many=True))
    def check_books() -> list[Any]:
        """Look at every equation, keep what was seen, and ask about each that does not hold."""
        return nightly.check(current_tx())

    @blueprint.route("/matches", methods=["POST"])
    @blueprint.arguments(BasketForm)
    @blueprint.response(201)
    def match_basket(given: dict[str, Any]) -> dict[str, str]:
        """Match one line with its entries, or one entry with its lines."""
        found = matching_by_hand.match_by_hand(current_tx(), given["line"], given["entry"], given["note"])
        return {"basket_id": str(found)}

    @blueprint.route("/lines/<uuid:line_id>/book", methods=["POST"])
    @blueprint.arguments(BookingForm)
    @blueprint.response(202)
    def book_line(given: dict[str, Any], line_id: UUID) -> dict[str, str]:
        """Ask a second person to book a line that is no payment of ours."""
        bookings.ask(current_tx(), line_id, given["code"], given["note"])
        return {"state": "asked"}

    @blueprint.route("/entries/<uuid:transfer_id>/write-off", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(202)
    def write_off(given: dict[str, Any], transfer_id: UUID) -> dict[str, str]:
        """Ask a second person to write an entry in suspense off."""
        write_offs.ask(current_tx(), transfer_id, given["note"])
        return {"state": "asked"}


def _periods(blueprint: Blueprint) -> None:
    @blueprint.route("/periods", methods=["GET"])
    @blueprint.response(200, PeriodSchema(many=True))
    def list_periods() -> list[Period]:
        """Every month, the newest first."""
        return [periods.period_of(current_tx(), code) for code in periods.months(current_tx())]

    @blueprint.route("/periods/<code>", methods=["GET"])
    @blueprint.response(200)
    def show_period(code: str) -> dict[str, Any]:
        """One month with its checklist."""
        period = periods.period_of(current_tx(), code)
        points = checklist.points(current_tx(), period)
        shown: dict[str, Any] = PeriodSchema().dump(period)
        return shown | {"checklist": PointSchema(many=True).dump(points)}

    @blueprint.route("/periods/<code>/pack", methods=["GET"])
    @blueprint.response(200)
    def show_pack(code: str) -> dict[str, Any]:
        """What was signed for a month, with its hash."""
        pack = periods.pack_of(current_tx(), code)
        return {"sha256": pack.sha256, "content": pack.content}


def _period_steps(blueprint: Blueprint) -> None:
    @blueprint.route("/periods/<code>/lock", methods=["POST"])
    @blueprint.response(200, PeriodSchema)
    def lock_period(code: str) -> Period:
        """Shut a month for entries, lines and matches."""
        return periods.lock(current_tx(), code)

    @blueprint.route("/periods/<code>/unlock", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(200, PeriodSchema)
    def unlock_period(given: dict[str, Any], code: str) -> Period:
        """Open a locked month again."""
        return periods.unlock(current_tx(), code, given["note"])

    @blueprint.route("/periods/<code>/waive", methods=["POST"])
    @blueprint.arguments(WaiveSchema)
    @blueprint.response(204)
    def waive_point(given: dict[str, Any], code: str) -> None:
        """Let a warning of the checklist pass."""
        periods.waive(current_tx(), code, given["item"], given["note"])

    @blueprint.route("/periods/<code>/sign", methods=["POST"])
    @blueprint.response(200)
    def sign_period(code: str) -> dict[str, str]:
        """Sign a locked month; a second person closes it by approving."""
        return {"sha256": periods.sign(current_tx(), code).sha256}

    @blueprint.route("/periods/<code>/reopen", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(202)
    def reopen_period(given: dict[str, Any], code: str) -> dict[str, str]:
        """Ask a second person to open the last closed month again."""
        periods.ask_reopen(current_tx(), code, given["note"])
        return {"state": "asked"}


def _questions(blueprint: Blueprint) -> None:
    @blueprint.route("/exceptions", methods=["GET"])
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ExceptionSchema(many=True))
    def list_exceptions(asked: dict[str, Any]) -> Response:
        """Open exceptions, the newest first."""
        query = listing.exceptions(only_open="all" not in request.args)
        rows, after = keyset_page(current_tx().session, query, key=ReconException.id, after=asked["after"],
                                  limit=asked["limit"])  # fmt: skip
        return with_next(rows, after, ExceptionSchema().dump)

    @blueprint.route("/exceptions/<uuid:exception_id>/resolve", methods=["POST"])
    @blueprint.arguments(ResolveForm)
    @blueprint.response(200, ExceptionSchema)
    def resolve_exception(given: dict[str, Any], exception_id: UUID) -> ReconException:
        """Close an exception where no money moves."""
        return questions.resolve_exception(current_tx(), exception_id, given["note"], given["code"])

    @blueprint.route("/exceptions/<uuid:exception_id>/notes", methods=["POST"])
    @blueprint.arguments(NoteForm)
    @blueprint.response(201)
    def add_note(given: dict[str, Any], exception_id: UUID) -> dict[str, str]:
        """Note what was found so far."""
        return {"id": str(questions.add_note(current_tx(), exception_id, given["note"]).id)}
