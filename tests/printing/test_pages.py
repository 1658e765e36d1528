"""The pages of labels: a design edited and published, rules asked and changed, a scanner set up, the queue worked."""

import base64
import io
import json

import pytest
from PIL import Image

from biobank.db import Databases
from biobank.printing import actions, layout_form, samples
from biobank.stations import actions as stations
from biobank.stations.models import PrintState
from labels import Kind, mint, read_template, render, template_source, templates
from tests.pages import Browser
from tests.stations.factories import Desk, make_label

FRAGMENT = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("name", templates())
def test_a_layout_goes_through_the_form_unchanged(name: str) -> None:
    layout = template_source(name)
    form = layout_form.head(layout) | {"count": str(len(layout_form.boxes(layout)))}
    for number, box in enumerate(layout_form.boxes(layout)):
        form |= {f"{number}-type": box["type"]} | {f"{number}-{key}": text for key, text in box["texts"].items()}
    assert read_template(layout_form.layout_of(name, form)) == read_template(layout)


def test_a_design_is_looked_at_changed_and_published(ada: Browser, databases: Databases) -> None:
    assert "tube-50x25" in ada.get("/labels/designs").text
    ada.get("/labels/designs/tube-50x25")
    page = ada.submit("Publish as a new version", note="lower bars", **{"1-height_mm": "10.5"})
    assert "Version 2 of tube-50x25 is published" in page.text
    with databases.transaction() as tx:
        found = actions.design(tx, "tube-50x25")
    assert (found.note, found.published_by, found.template.elements[1].height_mm) == ("lower bars", "Ada", 10.5)


def test_what_does_not_fit_is_refused_with_the_way_out_and_nothing_is_lost(ada: Browser) -> None:
    ada.get("/labels/designs/tube-50x25")
    page = ada.submit("Publish as a new version", note="small", width="30")
    assert ada.status == 422
    assert "The label cannot be drawn" in page.text
    assert (page.forms[-1].values["width"], page.forms[-1].values["note"]) == ("30", "small")


def test_a_name_is_no_field_of_a_label(ada: Browser) -> None:
    ada.get("/labels/designs/tube-50x25")
    page = ada.submit("Publish as a new version", **{"3-field": "last_name"})
    assert "no label may show" in page.text


def test_the_preview_is_what_the_printer_prints(ada: Browser) -> None:
    ada.get("/labels/designs/box.png?dpi=300")
    assert ada.response is not None
    picture = Image.open(io.BytesIO(ada.response.data))
    assert picture.size == (1181, 590)
    ada.get("/labels/designs/box")
    form = ada.page.forms[-1].values | {"dpi": "600"}
    answer = ada.client.post("/labels/designs/box/preview", data=form, headers=FRAGMENT)
    assert "data:image/png;base64," in answer.text
    assert "module 0.381 mm" in answer.text


def test_rules_say_which_would_apply_and_why(ada: Browser) -> None:
    page = ada.get("/labels/rules?kind=tube&sort=1UR10&part=cup")
    assert "Rule 1 applies: urine-cup" in page.text
    assert "other: Part" in page.text
    assert "an earlier one applies" in page.text


def test_a_rule_is_added_moved_and_taken_out(ada: Browser) -> None:
    ada.get("/labels/rules")
    ada.submit("Add the rule", kind="tube", site="CHI", design="cryo-33x13", place="2")
    assert "Rule 2 applies: cryo-33x13" in ada.get("/labels/rules?kind=tube&sort=1SS08&site=CHI").text
    ada.get("/labels/rules")
    ada.submit("Up")
    assert "Rule 1 applies: cryo-33x13" in ada.get("/labels/rules?kind=tube&sort=1SS08&site=CHI").text
    ada.get("/labels/rules")
    ada.submit("Take out")
    assert "tube-50x25" in ada.get("/labels/rules?kind=tube&sort=1SS08&site=CHI").text


def test_a_rule_with_a_strange_condition_is_refused(ada: Browser) -> None:
    ada.get("/labels/rules")
    page = ada.submit("Add the rule", kind="tube", site="<b>", design="box", place="1")
    assert ada.status == 422
    assert "Write * for any" in page.text


def test_a_scanner_is_set_up_by_seven_codes_and_tried(carla: Browser) -> None:
    assert carla.get("/labels/scanner").html.count("data:image/svg+xml") == 7 + 2
    code = mint(Kind.TEST)
    tried = {
        f"]C0{code}\r": "The scanner is set up: Code 128",
        f"]d1{code}": "The scanner is set up: Data Matrix",
        code: "without the AIM identifier",
        "éèà&é": "different keyboard layouts",
        mint(Kind.PARTICIPANT): "This is a real label",
    }
    for scanned, words in tried.items():
        assert words in carla.submit("Enter", code=scanned).text


def test_a_clerk_works_the_queue(carla: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        batch = stations.start_batch(tx, desk.id, mint(Kind.COLLECTION))
        for _ in range(3):
            label = stations.Label(data=make_label(tx, desk).data, object_kind="tube", object_code=mint(Kind.TUBE))
            stations.request_label(tx, desk.id, label, batch_id=batch.id)
    assert "0 of 3 came out" in carla.get("/labels").text
    assert "held back" in carla.submit("Hold it back").text
    assert "Hold it back" in carla.submit("Let it go on").html
    assert "rest given up" in carla.submit("Give up the rest").text


def test_a_label_in_doubt_is_answered_on_the_queue(carla: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        job = make_label(tx, desk)
        job.state = PrintState.UNKNOWN
    assert "Did it come out?" in carla.get("/labels").text
    assert "Did it come out?" not in carla.submit("Yes, it is here").text


def test_the_queue_is_sent_only_when_it_changed(carla: Browser, databases: Databases, desk: Desk) -> None:
    page = carla.get("/labels")
    mark = page.html.partition("have=")[2].partition('"')[0]
    assert carla.client.get(f"/labels/queue?background=1&have={mark}", headers=FRAGMENT).status_code == 204
    with databases.transaction() as tx:
        make_label(tx, desk)
    assert carla.client.get(f"/labels/queue?background=1&have={mark}", headers=FRAGMENT).status_code == 200


def test_designs_and_rules_go_over_json(ada: Browser) -> None:
    at = "/api/v1/label-rules"
    answer = ada.client.get(at)
    body = {"rules": [{"kind": "*", "design": "box"}]}
    sent = {"If-Match": answer.headers["ETag"], "Idempotency-Key": "a", "Sec-Fetch-Site": "same-origin"}
    assert ada.client.put(at, json=body, headers=sent).json["version"] == 1
    assert ada.client.put(at, json=body, headers=sent | {"Idempotency-Key": "b"}).status_code == 412
    assert ada.client.get(f"{at}/which?kind=tube").json["rule"]["design"] == "box"
    layout = json.loads(template_source("box")) | {"size_mm": [101, 50]}
    made = ada.client.post("/api/v1/label-designs/box/versions", headers=sent | {"Idempotency-Key": "c"},
                           json={"layout": json.dumps(layout), "based_on": 1})  # fmt: skip
    assert (made.status_code, made.json["version"]) == (201, 2)
    assert [one["version"] for one in ada.client.get("/api/v1/label-designs/box").json] == [2, 1]


def test_a_preview_over_json_is_the_print(ada: Browser) -> None:
    answer = ada.client.post("/api/v1/label-designs/cap-9.5/preview", json={"layout": template_source("cap-9.5")},
                             headers={"Idempotency-Key": "d", "Sec-Fetch-Site": "same-origin"})  # fmt: skip
    own = samples.of(read_template(template_source("cap-9.5")))
    assert base64.b64decode(answer.json["png"]) == render("cap-9.5", own, "png", 203)
    assert answer.json["symbols"] == [{"symbology": "datamatrix", "module_mm": "0.375"}]
