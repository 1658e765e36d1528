"""How participants cross the wire: details come in and never go out; codes and states go out."""

import unicodedata
from datetime import date
from typing import Any

import marshmallow as ma

from biobank.errors import Phrase
from biobank.participants import consents
from biobank.participants.models import Language, WithdrawalReason
from biobank.participants.person import DistinctReason
from biobank.participants.sealing import plain_phone

_FIRST_YEAR = date(1900, 1, 1)
_CONTROLS = {"Cc", "Cs"}


class Line(ma.fields.String):
    """One line of text in NFC, without blanks around it and without control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(unicodedata.category(letter) in _CONTROLS for letter in text):
            raise ma.ValidationError("This holds a character that cannot be printed. Type it again.")
        return " ".join(unicodedata.normalize("NFC", text).split())


def _length(longest: int) -> ma.validate.Length:
    return ma.validate.Length(1, longest, error="Fill this in, with at most {max} characters.")


def _born(value: date) -> None:
    if value < _FIRST_YEAR:
        raise ma.ValidationError("Check the year of birth.")


def _phone(value: str) -> None:
    if not 10 <= len(plain_phone(value)) <= 15:
        raise ma.ValidationError("A phone number has 10 digits, or a country code and up to 15.")


def _email() -> ma.validate.Email:
    return ma.validate.Email(error=Phrase("This is not an e-mail address. Read it back to the participant."))


class AnswersSchema(ma.Schema):
    """What the participant is asked before taking part, anew at each visit."""

    lives_in_united_states = ma.fields.Boolean(required=True)
    can_consent_alone = ma.fields.Boolean(required=True)
    is_incarcerated = ma.fields.Boolean(required=True)
    has_consent_on_file = ma.fields.Boolean(required=True)


class PersonSchema(ma.Schema):
    """Who somebody is. A Social Security number is never asked for."""

    first_name = Line(required=True, load_only=True, validate=_length(100))
    last_name = Line(required=True, load_only=True, validate=_length(100))
    born_on = ma.fields.Date(required=True, load_only=True, validate=_born)
    language = ma.fields.String(required=True, validate=ma.validate.OneOf(list(Language)))
    email = Line(load_default=None, load_only=True, validate=[_length(254), _email()])
    phone = Line(load_default=None, load_only=True, validate=_phone)
    street = Line(load_default=None, load_only=True, validate=_length(200))
    consent_version = ma.fields.String(load_default=None, validate=ma.validate.OneOf(consents.known()))
    consented_on = ma.fields.Date(load_default=None)


class EnrolSchema(PersonSchema):
    """An enrolment over JSON."""

    answers = ma.fields.Nested(AnswersSchema, required=True, load_only=True)
    distinct_reason = ma.fields.Enum(DistinctReason, by_value=True, load_default=None, load_only=True)


class EnrolForm(PersonSchema, AnswersSchema):
    """An enrolment on the page: `distinct` is the box that says this is somebody else, the reason says why."""

    distinct = ma.fields.Boolean(load_default=False)
    distinct_reason = ma.fields.Enum(DistinctReason, by_value=True, load_default=None)

    @ma.validates_schema
    def _has_reason(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("distinct") and values.get("distinct_reason") is None:
            raise ma.ValidationError("Say how you know that this is somebody else.", "distinct_reason")


class ChangeSchema(ma.Schema):
    """What may be changed: language and contact. A field left out stays; null takes a contact away."""

    language = ma.fields.String(validate=ma.validate.OneOf(list(Language)))
    email = Line(allow_none=True, load_only=True, validate=[_length(254), _email()])
    phone = Line(allow_none=True, load_only=True, validate=_phone)
    street = Line(allow_none=True, load_only=True, validate=_length(200))

    @ma.validates_schema
    def _has_something(self, values: dict[str, Any], **_: Any) -> None:
        if not values:
            raise ma.ValidationError("Fill in what is to be changed.", "language")


class WithdrawForm(ma.Schema):
    """A withdrawal, confirmed by typing the end of the code."""

    reason = ma.fields.Enum(WithdrawalReason, by_value=True, load_default=WithdrawalReason.NOT_SAID)
    confirm = ma.fields.String(required=True, validate=ma.validate.Length(1, 10))


class CodeForm(ma.Schema):
    """A step confirmed by typing the end of the code."""

    confirm = ma.fields.String(required=True, validate=ma.validate.Length(1, 10))


class WithdrawSchema(ma.Schema):
    """A withdrawal over JSON."""

    reason = ma.fields.Enum(WithdrawalReason, by_value=True, load_default=WithdrawalReason.NOT_SAID)


class ConsentForm(ma.Schema):
    """A newly signed consent form; without a day it was signed today."""

    version = ma.fields.String(required=True, validate=ma.validate.OneOf(consents.known()))
    on = ma.fields.Date(load_default=None)


class ReasonForm(ma.Schema):
    """How somebody knows."""

    reason = Line(required=True, validate=_length(200))


class VerdictForm(ReasonForm):
    """What was found about two registrations: two people, or one whose first or second registration stays."""

    verdict = ma.fields.String(required=True, validate=ma.validate.OneOf(["distinct", "first", "second"]))
    confirm = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 10))


class MergeSchema(ReasonForm):
    """Two registrations of one person."""

    kept_id = ma.fields.UUID(required=True)
    merged_id = ma.fields.UUID(required=True)


class MergedSchema(ma.Schema):
    """What a merge did."""

    kept_id = ma.fields.UUID()
    merged_id = ma.fields.UUID()
    paid_twice = ma.fields.Boolean()


class SeenSchema(ma.Schema):
    """One look at a participant's record."""

    at = ma.fields.AwareDateTime(format="iso")
    who = ma.fields.String()
    site = ma.fields.String(allow_none=True)
    purpose = ma.fields.String()
    what = ma.fields.String()


class LooksSchema(ma.Schema):
    """Everybody who looked."""

    looks = ma.fields.List(ma.fields.Nested(SeenSchema))


class OwnDataSchema(ma.Schema):
    """A participant's own data."""

    data = ma.fields.Dict(keys=ma.fields.String())
    export = ma.fields.String(dump_only=True)


class SearchForm(ma.Schema):
    """A search by last name and birth date."""

    last_name = Line(required=True, validate=_length(100))
    born_on = ma.fields.Date(required=True, validate=_born)


class LookupSchema(ma.Schema):
    """A card's code."""

    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))


class ParticipantSchema(ma.Schema):
    """A participant as programs see one: nothing that names a person."""

    id = ma.fields.UUID()
    clinic_code = ma.fields.String()
    status = ma.fields.String()
    language = ma.fields.String()
    site_id = ma.fields.UUID()
    consent_version = ma.fields.String()
    consented_on = ma.fields.Date()
    enrolled_at = ma.fields.AwareDateTime(format="iso")
    version = ma.fields.Integer(strict=True)
