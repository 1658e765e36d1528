"""The walk of the money: one payment, sent through a lost answer, settled by the bank's word, never twice."""

from typing import Any

import httpx

from biobank.demo import clinic_walk
from biobank.demo.client import require, until
from biobank.demo.walker import Walker


def lose_the_next_reply(walker: Walker) -> None:
    """The provider will make the next order and close the line without a word."""
    plan = {"seed": 1, "faults": [{"kind": "lost_reply", "share": 1, "times": 1}]}
    httpx.post(f"{walker.up.provider}/simulator/faults", json=plan, timeout=10).raise_for_status()


def _payments(walker: Walker) -> Any:
    return walker.finance.get("/payments")


def _provider(walker: Walker) -> Any:
    return httpx.get(f"{walker.up.provider}/simulator/state", timeout=10).json()


def one_payment(walker: Walker) -> str:
    found = _payments(walker)
    require(len(found) == 1, f"one payment was due, not {len(found)}")
    walker.payment = found[0]
    require(walker.participant["clinic_code"] not in str(found), "finance sees the clinic's code")
    walker.clerk.get("/payments", expect=403)
    return (
        f"{walker.payment['payee_code']}, $25.00, reference {walker.payment['reference']}; finance sees no other code."
    )


def is_paid(walker: Walker) -> str:
    path = f"/payments/{walker.payment['id']}"
    until("the payment was not sent", lambda: walker.finance.get(path)["state"] == "sent", seconds=60)
    story = walker.finance.get(path)
    states = [event["state"] for event in story["events"]]
    held = _provider(walker)
    require("unknown" in states and "failed" not in states, f"unknown, never failed, was due: {states}")
    require(held["orders"] == 1 and held["spent_cents"] == 2500, f"the provider holds {held}")
    return f"{' → '.join(states)}; the provider made one order for {len(story['calls'])} calls under one key."


def _statement(walker: Walker) -> str:
    return httpx.get(f"{walker.up.provider}/simulator/statement.csv", timeout=10).text


def refuse_a_bad_statement(walker: Walker) -> str:
    wrong = _statement(walker).replace("25.00", "26.00", 1)
    refusal = walker.finance.post("/statements", {"format": "csv", "content": wrong}, expect=422)
    require(walker.finance.get("/payments/summary")["unmatched_lines"] == 0, "a line of a refused statement was kept")
    return f"“{refusal['title']}”"


def settle(walker: Walker) -> str:
    content = {"format": "csv", "content": _statement(walker)}
    kept = walker.finance.post("/statements", content)
    again = walker.finance.post("/statements", content)
    require(kept["id"] == again["id"], "the same file twice is two files")
    counts = walker.finance.post(f"/statements/{kept['id']}/match")
    require(counts["confirmed"] == 1, f"one line was to be confirmed: {counts}")
    figures = walker.finance.get("/payments/summary")
    require(figures["settled"] == 1 and figures["books_difference_cents"] == 0, f"the figures are {figures}")
    return "The line with our reference and exactly $25.00 confirmed it. Settled 1, books 0.00."


def second_visit(walker: Walker) -> str:
    body = {"participant_id": walker.participant["id"], "station_id": str(walker.up.programme.station_id),
            "identity": ["name", "birth-date"], "answers": clinic_walk.ANSWERS}  # fmt: skip
    visit = walker.clerk.post("/visits", body)
    path = f"/visits/{visit['id']}"
    walker.clerk.patch(f"{path}/measurements", {"fill_rest": "refusal"})
    walker.clerk.post(f"{path}/measurements/finalise")
    plasma = {"whole_blood": True, "red_cells": False, "plasma": False, "transfusion": False, "fainted": False}
    order = walker.clerk.post(f"{path}/orders", {"answers": plasma})
    for tube in order["tubes"]:
        walker.clerk.post(f"/orders/{order['id']}/not-collected", {"tube_id": tube["id"], "reason": "refusal"})
    walker.clerk.post(f"/orders/{order['id']}/finalise")
    walker.clerk.post(f"{path}/complete")
    require(len(_payments(walker)) == 1, "a second payment was started")
    require(_provider(walker)["spent_cents"] == 2500, "the provider was asked for more")
    return "A whole second visit was completed; there is still one payment of $25."


def withdraw(walker: Walker) -> str:
    page = httpx.Client(base_url=walker.up.address, headers={"Sec-Fetch-Site": "same-origin"}, timeout=20)
    page.headers["Authorization"] = walker.clerk.http.headers["Authorization"]
    person = walker.participant
    answer = page.post(f"/participants/{person['id']}/withdraw", data={"confirm": person["clinic_code"][-4:]})
    require(answer.status_code in (200, 303), f"the withdrawal was answered {answer.status_code}")
    body = {"participant_id": person["id"], "station_id": str(walker.up.programme.station_id),
            "identity": ["name", "birth-date"], "answers": clinic_walk.ANSWERS}  # fmt: skip
    refusal = walker.clerk.post("/visits", body, expect=409)
    tube = walker.technician.get(f"/tubes?code={walker.order['tubes'][0]['code']}")
    require(tube["withdrawn"], "the stored tube is not held")
    require(_payments(walker)[0]["state"] == "settled", "the payment was touched")
    page.close()
    return f"“{refusal['title']}” Stored tubes are on hold; the $25 stays paid."
