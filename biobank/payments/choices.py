"""What the boxes of finance's pages offer, as pairs of code and words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from biobank.payments import ageing
from biobank.payments.models import CsvMap

Pairs = list[tuple[str, str]]


def account_pairs(accounts: Sequence[str], names: Mapping[str, str]) -> Pairs:
    return [(code, f"{code} {gettext(names[code])}") for code in accounts]


def said_pairs(codes: Iterable[Any], names: Mapping[Any, Any]) -> Pairs:
    return [(str(code), str(names[code])) for code in codes]


def layout_choices(layouts: Iterable[CsvMap]) -> Pairs:
    return [(str(one.id), one.name) for one in layouts]


def target_choices(targets: Mapping[str, tuple[str, Any]]) -> Pairs:
    return [(code, name) for code, (name, _) in targets.items()]


def day_choices(forms: Iterable[str]) -> Pairs:
    return [(form, form) for form in forms]


def ageing_choices() -> Pairs:
    return [(bucket, bucket if not bucket.endswith("-") else str(gettext("over 90"))) for bucket in ageing.BUCKETS]


def site_choices(sites: Iterable[tuple[Any, str]]) -> Pairs:
    return [(str(key), code) for key, code in sites]


CHOICES: Mapping[str, Callable[..., Pairs]] = {
    "account_pairs": account_pairs,
    "booking_choices": said_pairs,
    "form_choices": said_pairs,
    "layout_choices": layout_choices,
    "target_choices": target_choices,
    "day_choices": day_choices,
    "ageing_choices": ageing_choices,
    "site_choices": site_choices,
}
