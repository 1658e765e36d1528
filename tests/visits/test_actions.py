"""Visits: opened once, closed when done, refused otherwise."""

import pytest

from biobank.db import Tx
from biobank.errors import Invalid
from biobank.visits.actions import complete_visit, open_visit_of
from biobank.visits.models import Step, VisitState
from tests.visits.factories import finish_steps, make_open_visit


def test_a_visit_with_both_steps_done_can_be_completed(tx: Tx) -> None:
    visit = make_open_visit(tx)
    finish_steps(tx, visit)
    assert complete_visit(tx, visit.id).state is VisitState.COMPLETE
    assert open_visit_of(tx, visit.participant_id) is None


def test_a_visit_without_samples_is_refused_with_what_is_missing(tx: Tx) -> None:
    visit = make_open_visit(tx)
    finish_steps(tx, visit, Step.MEASUREMENTS)
    with pytest.raises(Invalid, match="Still to do: samples"):
        complete_visit(tx, visit.id)
