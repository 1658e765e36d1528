"""The routing rules in force: reading them, asking them, and publishing the next list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid
from biobank.printing import designs
from biobank.printing.models import LabelRouting
from biobank.printing.routing import Choice, Rule, Wanted, choose

KINDS = ("tube", "aliquot", "cap", "box", "shipment", "place", "participant", "test")
MOST = 200


@dataclass(frozen=True, slots=True)
class Routing:
    """A version of the list of rules; version 0 is the list the programme ships."""

    version: int
    rules: tuple[Rule, ...]
    published_by: str = designs.SHIPPED_BY
    published_at: datetime | None = None


@cache
def shipped() -> Routing:
    """The list to begin with."""
    text = resources.files("biobank.printing").joinpath("rules.json").read_text(encoding="utf-8")
    return Routing(0, tuple(Rule(**row) for row in json.loads(text)))


def routing(tx: Tx) -> Routing:
    """The list in force."""
    row = tx.session.scalar(sa.select(LabelRouting).order_by(LabelRouting.version.desc()).limit(1))
    if row is None:
        return shipped()
    return Routing(row.version, tuple(Rule(**rule) for rule in row.rules), row.published_by, row.published_at)


def which(tx: Tx, wanted: Wanted) -> Choice:
    """What the rules in force say of a label."""
    return choose(routing(tx).rules, wanted)


def rule_for(tx: Tx, wanted: Wanted) -> Rule:
    """The rule that applies. Raises Conflict when none does."""
    rule = which(tx, wanted).rule
    if rule is None:
        raise Conflict("No rule says how this label is printed (%(kind)s %(sort)s). An administrator adds one under "
                       "Labels.", code="no-rule", kind=wanted.kind, sort=wanted.sort)  # fmt: skip
    return rule


def publish_rules(tx: Tx, rules: Sequence[Rule], *, based_on: int) -> Routing:
    """Put a whole list of rules in force; `based_on` is the version it was made from."""
    now = routing(tx)
    if now.version != based_on:
        raise _changed()
    if len(rules) > MOST:
        raise Invalid("Keep to %(most)s rules. Take some out first.", most=MOST)
    known = designs.names(tx)
    for number, rule in enumerate(rules, start=1):
        if rule.design not in known:
            raise Invalid("Rule %(number)s prints the design %(name)s, which does not exist. Choose one of: %(known)s.",
                          code="no-design", number=number, name=repr(rule.design[:40]),
                          known=", ".join(known))  # fmt: skip
    if tuple(rules) == now.rules:
        return now
    next_one = Routing(now.version + 1, tuple(rules), tx.actor.name, clock.now())
    if not insert_ignore(tx.session, LabelRouting, id=new_id(), version=next_one.version,
                         rules=[rule.as_json() for rule in rules], published_at=next_one.published_at,
                         published_by=next_one.published_by):  # fmt: skip
        raise _changed()
    return next_one


def add_rule(tx: Tx, rule: Rule, *, place: int, based_on: int) -> Routing:
    """Put a rule in at a place, counted from 1; past the end it becomes the last."""
    rules = list(routing(tx).rules)
    rules.insert(max(place, 1) - 1, rule)
    return publish_rules(tx, rules, based_on=based_on)


def remove_rule(tx: Tx, *, place: int, based_on: int) -> Routing:
    """Take a rule out."""
    rules = list(routing(tx).rules)
    _require_place(rules, place)
    del rules[place - 1]
    return publish_rules(tx, rules, based_on=based_on)


def raise_rule(tx: Tx, *, place: int, based_on: int) -> Routing:
    """Move a rule one place up."""
    rules = list(routing(tx).rules)
    _require_place(rules, place)
    if place > 1:
        rules[place - 2], rules[place - 1] = rules[place - 1], rules[place - 2]
    return publish_rules(tx, rules, based_on=based_on)


def _require_place(rules: Sequence[Rule], place: int) -> None:
    if not 1 <= place <= len(rules):
        raise Invalid("There is no such rule. Look at the list again.")


def _changed() -> Conflict:
    return Conflict("The rules were changed meanwhile. Look at them, then make your change again.",
                    code="rules-changed")  # fmt: skip
