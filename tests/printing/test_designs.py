"""Label designs: shipped as version 1, published as the next, never changed, and drawn as they were."""

import json

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.printing import actions, samples
from biobank.printing.models import LabelDesign
from biobank.stations import actions as stations
from labels import render, template_source, templates
from tests.stations.factories import make_desk, make_label, make_printer


def changed(name: str = "tube-50x25", **changes: object) -> str:
    """The shipped layout with other values on top."""
    return json.dumps(json.loads(template_source(name)) | changes)


def _without_last(name: str = "tube-50x25") -> str:
    return changed(name, elements=json.loads(template_source(name))["elements"][:-1])


@pytest.mark.parametrize("name", templates())
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_every_shipped_design_draws_its_sample(name: str, dpi: int) -> None:
    template = actions.check(name, template_source(name)).template
    assert render(name, samples.of(template), "png", dpi).startswith(b"\x89PNG")


def test_a_shipped_design_is_version_one_once_it_is_used(tx: Tx) -> None:
    assert actions.design(tx, "box").published_at is None
    actions.keep(tx, "box")
    actions.keep(tx, "box")
    assert [(row.version, row.layout) for row in tx.session.scalars(sa.select(LabelDesign))] == [
        (1, template_source("box"))
    ]


def test_what_is_published_is_the_next_version(tx: Tx) -> None:
    actions.publish(tx, "tube-50x25", layout=_without_last(), note="no bar", based_on=1)
    assert [one.version for one in actions.versions(tx, "tube-50x25")] == [2, 1]
    assert actions.design(tx, "tube-50x25").note == "no bar"


def test_a_label_is_drawn_by_the_version_it_was_asked_with(tx: Tx) -> None:
    desk = make_desk(tx)
    make_printer(tx, desk)
    job = make_label(tx, desk)
    actions.publish(tx, "tube-50x25", layout=_without_last(), note="", based_on=1)
    (work,) = stations.claim_print_jobs(tx, desk.id)
    assert work.content == render("tube-50x25", job.data, "zpl", 203)
    assert make_label(tx, desk).template_version == 2


def test_a_version_made_from_an_older_one_is_refused(tx: Tx) -> None:
    actions.publish(tx, "tube-50x25", layout=_without_last(), note="", based_on=1)
    with pytest.raises(Conflict, match="published meanwhile"):
        actions.publish(tx, "tube-50x25", layout=changed(size_mm=[50, 26]), note="", based_on=1)


def test_a_design_of_ones_own_begins_with_version_one(tx: Tx) -> None:
    made = actions.publish(tx, "tube-60x25", layout=changed(id="tube-60x25", size_mm=[60, 25]), note="", based_on=0)
    assert made.version == 1
    assert "tube-60x25" in actions.names(tx)


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("{", "not JSON"),
        (changed(id="other"), "must be tube-50x25"),
        (changed(size_mm=[20, 25]), "leaves|needs|outside|room"),
        (changed(elements=[{"type": "text", "at": [0, 0], "field": "first_name", "height_mm": 2, "max_mm": 9}]),
         "no label may show"),
        (changed(elements=[{"type": "code128", "at": [0, 0], "field": "tube_id", "height_mm": 5, "max_mm": 15,
                            "module_mm": 0.25, "min_module_mm": 0.25}]), "Data Matrix"),
        ("[" * 100_000, "not JSON"),
    ],
)  # fmt: skip
def test_a_layout_that_cannot_be_drawn_is_refused_with_the_way_out(tx: Tx, layout: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        actions.publish(tx, "tube-50x25", layout=layout, note="", based_on=1)


def test_a_layout_that_changes_nothing_is_not_published(tx: Tx) -> None:
    with pytest.raises(Invalid, match="Nothing was changed"):
        actions.publish(tx, "box", layout=template_source("box"), note="", based_on=1)


def test_an_unknown_design_names_those_there_are(tx: Tx) -> None:
    with pytest.raises(NotFound, match="cap-9"):
        actions.design(tx, "nothing")
    with pytest.raises(NotFound, match="no version 7"):
        actions.design(tx, "box", 7)


def test_the_database_keeps_a_design_as_it_is(tx: Tx) -> None:
    actions.keep(tx, "box")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        tx.session.execute(sa.update(LabelDesign).values(layout="{}"))
