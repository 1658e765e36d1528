"""Providers in words: how each stands, and what happened at its gate."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from biobank.payments.cap_models import CapKind
from biobank.payments.cash_models import Means
from biobank.payments.gate_models import GateStep
from biobank.payments.models import Decision
from biobank.payments.provider_state import Standing

PROVIDERS: Mapping[str, LazyString] = {
    "tremendous": lazy_gettext("Tremendous"),
    "site-cash": lazy_gettext("Cash at the site"),
    "site-card": lazy_gettext("Gift cards at the site"),
    "nacha": lazy_gettext("Bank transfer (ACH)"),
    "card-load": lazy_gettext("Reloadable cards, by file"),
}
STANDINGS: Mapping[Standing, LazyString] = {
    Standing.SENDS: lazy_gettext("Sends"),
    Standing.HELD: lazy_gettext("Held by a person"),
    Standing.NO_FUNDS: lazy_gettext("Stopped: the balance is empty"),
    Standing.REFUSED: lazy_gettext("Stopped: our key is refused"),
    Standing.SILENT: lazy_gettext("Does not answer"),
    Standing.PAUSES: lazy_gettext("Asked us to wait"),
}
STANDING_TONES: Mapping[Standing, str] = {
    Standing.SENDS: "done",
    Standing.HELD: "wait",
    Standing.NO_FUNDS: "wrong",
    Standing.REFUSED: "wrong",
    Standing.SILENT: "wrong",
    Standing.PAUSES: "wait",
}
GATE_STEPS: Mapping[GateStep, LazyString] = {
    GateStep.HELD: lazy_gettext("Held"),
    GateStep.RESUMED: lazy_gettext("Resumed"),
    GateStep.STOPPED: lazy_gettext("Stopped"),
    GateStep.GOES_ON: lazy_gettext("Goes on"),
    GateStep.BREAKER_OPENED: lazy_gettext("No answer"),
    GateStep.BREAKER_CLOSED: lazy_gettext("Answers again"),
    GateStep.SWEPT: lazy_gettext("Found forgotten payments"),
}
CAPS: Mapping[CapKind, LazyString] = {
    CapKind.SITE_DAY: lazy_gettext("Payments of one day at a site"),
    CapKind.DAY: lazy_gettext("Payments of one day at all sites"),
    CapKind.TOTAL: lazy_gettext("Payments in all"),
}
MEANS: Mapping[Means, LazyString] = {
    Means.LINK: lazy_gettext("A link, on a paper or on the screen"),
    Means.CASH: lazy_gettext("Cash"),
    Means.CARD: lazy_gettext("A gift card"),
    Means.BANK: lazy_gettext("A bank transfer, by file"),
    Means.LOAD: lazy_gettext("A reloadable card, by file"),
}
DECISIONS: Mapping[Decision, LazyString] = {
    Decision.ELIGIBLE: lazy_gettext("Earned"),
    Decision.DECLINED: lazy_gettext("Not wanted"),
    Decision.DUPLICATE: lazy_gettext("Paid under another registration"),
    Decision.INELIGIBLE: lazy_gettext("Not earned"),
    Decision.REVOKED: lazy_gettext("Taken back"),
}
# The policy's reasons for yes and for no, as they are kept with each decision.
REASONS: Mapping[str, LazyString] = {
    "visit-complete": lazy_gettext("visit completed"),
    "visit-not-complete": lazy_gettext("visit not completed"),
    "measurements-final": lazy_gettext("measurements final"),
    "measurements-missing": lazy_gettext("measurements not final"),
    "samples-collected": lazy_gettext("samples collected"),
    "samples-attempted": lazy_gettext("an attempt at the draw documented"),
    "samples-missing": lazy_gettext("neither samples nor an attempt"),
    "paid-as-another-payee": lazy_gettext("paid under another registration"),
    "wish": lazy_gettext("they wish no payment"),
    "not-allowed": lazy_gettext("they may not take it"),
    "changed-mind": lazy_gettext("they have changed their mind"),
    "mistake": lazy_gettext("it was noted by mistake"),
    "no-visit": lazy_gettext("there was no such visit"),
    "wrong-person": lazy_gettext("the visit was recorded for the wrong participant"),
    "test-entry": lazy_gettext("it was entered as a trial"),
}
