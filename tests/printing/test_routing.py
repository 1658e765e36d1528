"""Routing rules: the first that matches, and the reason for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.printing import actions
from biobank.printing.routes import shipped
from biobank.printing.routing import CONDITIONS, Rule, Wanted, choose, shadowed

WORDS = st.sampled_from(["a", "b", "c"])
CONDITION = st.sampled_from(["*", "a", "b", "c"])
RULES = st.lists(
    st.builds(Rule, kind=CONDITION, sort=CONDITION, part=CONDITION, site=CONDITION, station=CONDITION, design=WORDS),
    max_size=6,
)
WANTED = st.builds(Wanted, kind=WORDS, sort=WORDS, part=WORDS, site=WORDS, station=WORDS)


def _holds(rule: Rule, wanted: Wanted) -> bool:
    return all(getattr(rule, name) in ("*", getattr(wanted, name)) for name in CONDITIONS)


@given(RULES, WANTED)
def test_the_first_rule_that_holds_applies(rules: list[Rule], wanted: Wanted) -> None:
    assert choose(rules, wanted).rule == next((rule for rule in rules if _holds(rule, wanted)), None)


@given(RULES, WANTED)
def test_every_rule_says_why(rules: list[Rule], wanted: Wanted) -> None:
    choice = choose(rules, wanted)
    for verdict in choice.verdicts:
        assert (verdict.mismatch is None) == _holds(verdict.rule, wanted)
    assert [verdict.number for verdict in choice.verdicts if verdict.applies] == (
        [choice.number] if choice.rule else []
    )


@given(RULES, WANTED)
def test_a_shadowed_rule_never_applies(rules: list[Rule], wanted: Wanted) -> None:
    assert choose(rules, wanted).number not in shadowed(rules)


def test_no_shipped_rule_is_shadowed() -> None:
    assert shadowed(shipped().rules) == {}


def test_rules_are_put_in_force_as_a_new_version(tx: Tx) -> None:
    routing = actions.add_rule(tx, Rule(kind="tube", site="CHI", design="cryo-33x13"), place=1, based_on=0)
    wanted = Wanted(kind="tube", sort="1SS08", site="CHI")
    assert (routing.version, actions.rule_for(tx, wanted).design) == (1, "cryo-33x13")
    assert actions.rule_for(tx, Wanted(kind="tube", sort="1SS08", site="PHX")).design == "tube-50x25"


def test_a_list_made_from_an_older_one_is_refused(tx: Tx) -> None:
    actions.remove_rule(tx, place=1, based_on=0)
    with pytest.raises(Conflict, match="changed meanwhile"):
        actions.remove_rule(tx, place=1, based_on=0)


def test_a_rule_names_a_design_there_is(tx: Tx) -> None:
    with pytest.raises(Invalid, match="which does not exist"):
        actions.add_rule(tx, Rule(kind="tube", design="tube-9x9"), place=1, based_on=0)


def test_a_label_no_rule_knows_is_refused_with_who_helps(tx: Tx) -> None:
    with pytest.raises(Conflict, match="An administrator adds one"):
        actions.rule_for(tx, Wanted(kind="rack"))


def test_a_rule_moves_up(tx: Tx) -> None:
    first, second = (rule.design for rule in actions.routing(tx).rules[:2])
    assert [rule.design for rule in actions.raise_rule(tx, place=2, based_on=0).rules[:2]] == [second, first]
