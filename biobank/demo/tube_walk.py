"""The walk of the tubes: ordered, printed, applied, collected, spun, shipped, received, put away."""

from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from biobank import clock
from biobank.demo.client import require, until
from biobank.demo.journey import tracking_number
from biobank.demo.money_walk import lose_the_next_reply
from biobank.demo.walker import Walker
from labels import Kind, mint

NOTHING_AGAINST = {"whole_blood": False, "red_cells": False, "plasma": False, "transfusion": False, "fainted": False}
# A urine cup and the tube filled from it bear a label each.
LABELS = {"1UR10": 2}


def _order(walker: Walker) -> Any:
    walker.order = walker.clerk.get(f"/orders/{walker.order['id']}")
    return walker.order


def _printed(walker: Walker) -> list[Path]:
    return sorted(walker.up.printed.glob("*.png"))


def order_and_print(walker: Walker) -> str:
    walker.order = walker.clerk.post(f"/visits/{walker.visit['id']}/orders", {"answers": NOTHING_AGAINST})
    jobs = walker.clerk.post(f"/orders/{walker.order['id']}/labels")
    until(f"{len(jobs)} labels were asked for, {len(_printed(walker))} came out of the printer",
          lambda: len(_printed(walker)) >= len(jobs))  # fmt: skip
    tubes = _order(walker)["tubes"]
    require(len({tube["code"] for tube in tubes}) == len(tubes), "two tubes have one code")
    return (
        f"{len(tubes)} tubes, each with a code of its own; {len(jobs)} labels over TCP to the printer (urine has two)."
    )


def decode_a_label(walker: Walker) -> str:
    codes = {tube["code"] for tube in walker.order["tubes"]}
    if find_spec("zxingcpp") is None:
        return "Left out: the decoder comes with `pip install biobank[test]`."
    reader, image = import_module("zxingcpp"), import_module("PIL.Image")
    read = {found.text for path in _printed(walker) for found in reader.read_barcodes(image.open(path))}
    require(codes <= read, f"the decoder read {sorted(read)} of {sorted(codes)}")
    count = len(_printed(walker))
    return f"zxing-cpp read every code off the {count} printed pictures, and nothing else: {read == codes}."


def _is_scanned(walker: Walker, code: str) -> bool:
    inbox = walker.clerk.get(f"/stations/{walker.up.programme.station_id}/readings")
    return any(item["text"] == code for item in inbox if item["kind"] == "scan")


def apply_labels(walker: Walker) -> str:
    path = f"/orders/{walker.order['id']}"
    stranger = walker.clerk.post(f"{path}/apply", {"code": mint(Kind.TUBE)}, expect=404)
    for tube in walker.order["tubes"]:
        walker.device("scanner", code=tube["code"])
        until(f"the scan of {tube['code']} did not arrive", partial(_is_scanned, walker, tube["code"]))
        for _ in range(LABELS.get(tube["kind"], 1)):
            walker.clerk.post(f"{path}/apply", {"code": tube["code"], "entered_by": "serial"})
    walker.clerk.post(f"{path}/apply", {"code": walker.order["tubes"][0]["code"]}, expect=409)
    return f"Each by the serial scanner. A strange label: “{stranger['title']}” A second time: 409."


def collect_and_spin(walker: Walker) -> str:
    path = f"/orders/{walker.order['id']}"
    drawn = clock.now() - timedelta(minutes=50)
    walker.clerk.post(f"{path}/finalise", expect=422)
    walker.clerk.post(f"{path}/collect", {"collected_at": (clock.now() + timedelta(minutes=6)).isoformat()}, expect=422)
    walker.clerk.post(f"{path}/collect", {"collected_at": drawn.isoformat()})
    spin = {"g": 1300, "minutes": 15, "celsius": "20.0", "rotor": "swinging"}
    early = walker.clerk.post(f"{path}/process", spin | {"processed_at": drawn.isoformat()}, expect=422)
    walker.clerk.post(f"{path}/process", spin)
    found = walker.clerk.post(f"{path}/finalise")
    products = sorted(tube["product"] for tube in found["tubes"] if tube["product"])
    require(products == ["1PS4A", "1PS4B", "1SST8"], f"three spun tubes were due, not {products}")
    return f"Spun in a swinging bucket: {', '.join(products)}. Too early: “{early['title']}”"


def complete(walker: Walker) -> str:
    lose_the_next_reply(walker)
    walker.clerk.post(f"/visits/{walker.visit['id']}/complete", key="complete-once")
    walker.clerk.post(f"/visits/{walker.visit['id']}/complete", key="complete-once")
    walker.clerk.post(f"/visits/{walker.visit['id']}/complete", expect=409)
    return "Completed once: the same key again is the same answer, another key is refused."


def ship(walker: Walker) -> str:
    box = walker.clerk.post("/boxes")
    codes = [tube["code"] for tube in walker.order["tubes"]]
    for code in codes:
        packed = walker.clerk.post(f"/boxes/{box['id']}/scans", {"code": code})
        require(packed["is_in"], f"{code} was not packed")
    out = walker.clerk.post(f"/boxes/{box['id']}/scans", {"code": codes[0]})
    require(not out["is_in"], "a second scan did not take the tube out")
    walker.clerk.post(f"/boxes/{box['id']}/scans", {"code": codes[0]})
    walker.shipment = walker.clerk.post("/shipments", {"box_ids": [box["id"]]})
    tracking = tracking_number(77)
    hand_over = {"tracking": tracking, "tracking_again": tracking, "packed_by_p650": True}
    path = f"/shipments/{walker.shipment['id']}"
    walker.clerk.post(f"{path}/hand-over", hand_over | {"packed_by_p650": False}, expect=422)
    walker.shipment = walker.clerk.post(f"{path}/hand-over", hand_over)
    manifest = walker.clerk.http.get(f"{path}/manifest").text
    require(all(code in manifest for code in codes), "the manifest lacks a tube")
    require(walker.participant["clinic_code"] not in manifest, "the manifest holds the clinic's code")
    tube = walker.clerk.get(f"/tubes?{urlencode({'code': codes[0]})}")
    require(tube["custodian"] == "carrier", f"the custodian is {tube['custodian']}, not the carrier")
    return (
        f"{len(codes)} tubes, custodian carrier; the manifest is frozen as {walker.shipment['manifest_sha256'][:12]}…"
    )


def _scan(walker: Walker, code: str, outcome: str) -> Any:
    found = walker.technician.post("/receipts/scans", {"code": code})
    require(found["outcome"] == outcome, f"{code}: {outcome} was due, not {found['outcome']} ({found['message']})")
    return found


def _new_box(walker: Walker) -> Any:
    asked = {"name": "Walk", "cold": "ultra_low", "shelves": 1, "racks": 1, "boxes": 1}
    freezer = walker.technician.post("/storage/freezers", asked)
    shelf = walker.technician.get(f"/storage/{freezer['id']}")["inside"][0]["place"]
    rack = walker.technician.get(f"/storage/{shelf['id']}")["inside"][0]["place"]
    return walker.technician.post(f"/storage/{rack['id']}/boxes", {"name": "Walk 1"})


def receive(walker: Walker) -> str:
    _scan(walker, walker.shipment["tracking"], "OPENED")
    walker.technician.post(f"/shipments/{walker.shipment['id']}/temperature", {"celsius": "4.5"})
    codes = [tube["code"] for tube in walker.order["tubes"]]
    for code in codes:
        _scan(walker, code, "OK")
    _scan(walker, codes[0], "AGAIN")
    _scan(walker, codes[0][:-1] + str((int(codes[0][-1]) + 1) % 10), "BAD_READ")
    _scan(walker, mint(Kind.TUBE), "UNKNOWN")
    closed = walker.technician.post(f"/shipments/{walker.shipment['id']}/close", {"missing": 0})
    box = _new_box(walker)
    for code in codes:
        tube = walker.technician.get(f"/tubes?{urlencode({'code': code})}")
        walker.technician.post(f"/tubes/{tube['id']}/put-away", {"place": box["code"]})
    inside = walker.technician.get(f"/storage/{box['id']}")
    require(inside["taken"] == len(codes), f"{inside['taken']} positions are taken, not {len(codes)}")
    return (
        f"{len(codes)} received, one scanned again, one misread, one unknown: each named. Shipment {closed['state']}."
    )


def tell_the_story(walker: Walker) -> str:
    code = walker.order["tubes"][0]["code"]
    tube = walker.technician.get(f"/tubes?{urlencode({'code': code})}")
    story = walker.technician.get(f"/tubes/{tube['id']}")
    types = [event["type"] for event in story["events"]]
    require(story["is_whole"] and story["state"] == "stored", f"the story is not whole: {types}")
    page = httpx.get(f"{walker.up.address}/tubes/{tube['id']}", headers=dict(walker.technician.http.headers))
    require(
        page.status_code == 200 and walker.participant["clinic_code"] not in page.text,
        "the page names the clinic's code",
    )
    return f"{len(types)} events, chained: {' → '.join(types)}."
