"""The walk at the clinic: enrolment, check-in, measurements off the devices and by hand."""

from decimal import Decimal
from functools import partial
from typing import Any

import httpx

from biobank.demo import seed
from biobank.demo.client import Person, require, until
from biobank.demo.walker import Walker
from labels import parse

ANSWERS = {
    "lives_in_united_states": True,
    "can_consent_alone": True,
    "is_incarcerated": False,
    "has_consent_on_file": True,
}
WALKER = {
    "first_name": "Marisol",
    "last_name": "Walker",
    "born_on": "1984-03-09",
    "language": "es",
    "email": "marisol.walker@example.org",
    "answers": ANSWERS,
}
PRESSURES = (("128", "82", "71"), ("124", "80", "70"), ("122", "78", "68"))


def sign_everybody_in(walker: Walker) -> str:
    for username, _, _ in seed.sign_ins():
        walker.people[username] = Person(walker.up.address, username, seed.PASSWORD)
    roles = [walker.people[name].get("/me")["roles"] for name in walker.people]
    return f"{len(roles)} people, one for each role, hold a session that can be revoked."


def refuse_strangers(walker: Walker) -> str:
    path = f"{walker.up.address}/api/v1/participants"
    stranger = httpx.post(path, json=WALKER, headers={"Idempotency-Key": "x", "Sec-Fetch-Site": "same-origin"})
    cross = httpx.post(f"{walker.up.address}/sign-in", data={"username": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    walker.finance.post("/participants", WALKER, expect=403)
    deep = walker.clerk.http.post("/participants", content="[" * 100_000,
                                  headers={"Content-Type": "application/json", "Idempotency-Key": "deep"})  # fmt: skip
    seen = [stranger.status_code, cross.status_code, deep.status_code]
    require(seen == [401, 403, 400], f"401, 403 and 400 were due, not {seen}")
    return "No session: 401. Another site, another role: 403. JSON nested 100,000 deep: 400."


def refuse_a_minor(walker: Walker) -> str:
    minor = WALKER | {"first_name": "Toby", "born_on": "2012-01-01", "email": "toby@example.org"}
    refusal = walker.clerk.post("/participants", minor, expect=422)
    return f"“{refusal['title']}”"


def enrol(walker: Walker) -> str:
    walker.participant = walker.clerk.post("/participants", WALKER, key="enrol-once")
    again = walker.clerk.post("/participants", WALKER, key="enrol-once")
    require(again["id"] == walker.participant["id"], "the same key enrolled a second participant")
    code = parse(walker.participant["clinic_code"])
    require("Marisol" not in str(walker.participant), "the answer names the participant")
    return f"{code.grouped}; the same key twice is one participant, and the answer holds no name."


def refuse_a_bad_code(walker: Walker) -> str:
    code = walker.participant["clinic_code"]
    wrong = code[:5] + str((int(code[5]) + 1) % 10) + code[6:]
    refusal = walker.clerk.post("/participants/lookup", {"code": wrong}, expect=422)
    return f"{wrong}: “{refusal['title']}”"


def check_in(walker: Walker) -> str:
    body = {
        "participant_id": walker.participant["id"],
        "station_id": str(walker.up.programme.station_id),
        "identity": ["name", "birth-date"],
        "answers": ANSWERS,
    }
    walker.visit = walker.clerk.post("/visits", body)
    walker.clerk.post("/visits", body, expect=409)
    return "The capture window is open; a second check-in at the same time is refused."


def sheet(walker: Walker) -> Any:
    return walker.clerk.get(f"/visits/{walker.visit['id']}/measurements")


def has(walker: Walker, name: str, place: int | None = None) -> bool:
    found = sheet(walker)["entry"].get(name)
    return bool(found[place] if isinstance(found, list) and place is not None else found)


def weigh(walker: Walker) -> str:
    walker.device("scale", weight="72.8", height="172.7")
    until("no weight came from the scale", lambda: has(walker, "weight"))
    until("no height came from the scale", lambda: has(walker, "height"))
    entries = {entry["field"]: entry for entry in sheet(walker)["entries"] if entry["kind"] == "value"}
    source = (entries["weight"]["value"], entries["height"]["value"], entries["weight"]["source"])
    require(source == ("72.8", "172.7", "device"), f"72.8 kg and 172.7 cm from a device were due, not {source}")
    return f"72.8 kg, 172.7 cm by the {entries['weight']['protocol']} protocol, on the record without a click."


def refuse_noise(walker: Walker) -> str:
    before = sheet(walker)["version"]
    walker.device("scale", raw="1b521b573939392e1b4e" + "ff00a5" * 40)
    walker.device("kiosk", raw="62702c" * 30 + "0d0a")
    walker.device("scanner", code=walker.participant["clinic_code"])
    station = walker.up.programme.station_id
    until("the scanner's code did not arrive", lambda: [
        item for item in walker.clerk.get(f"/stations/{station}/readings") if item["kind"] == "scan"
    ])  # fmt: skip
    require(sheet(walker)["version"] == before, "noise changed the record")
    return "120 bytes of garbage on two lines changed nothing; the scan behind them arrived."


def measure_pressure(walker: Walker) -> str:
    for place, (systolic, diastolic, pulse) in enumerate(PRESSURES):
        walker.device("kiosk", systolic=systolic, diastolic=diastolic, heart_rate=pulse)
        until(f"reading {place + 1} did not come from the kiosk", partial(has, walker, "systolic", place))
    found = sheet(walker)
    if found["to_confirm"]:
        found = walker.clerk.patch(f"/visits/{walker.visit['id']}/measurements", {"confirmed": found["to_confirm"]})
    means = found["assessment"]["means"]
    right = {"systolic": "123.0", "diastolic": "79.0", "heart_rate": "69.0"}
    require({key: means[key] for key in right} == right, f"means {right} were due, not {means}")
    return "123/79 and 69/min, the means of the second and third; each compared with the display by the clerk."


def type_circumferences(walker: Walker) -> str:
    path = f"/visits/{walker.visit['id']}/measurements"
    values = [
        {"field": name, "replicate": place, "value": text, "unit": "cm"}
        for name, texts in (("waist", ("84.0", "85.2")), ("hip", ("98.0", "98.5")))
        for place, text in enumerate(texts, start=1)
    ]
    found = walker.clerk.patch(path, {"values": values})
    require("waist.3" in found["assessment"]["missing"], "a third waist was due: 84.0 and 85.2 are 1.2 cm apart")
    stale = walker.clerk.http.patch(path, json={"values": values[:1]}, headers={"If-Match": '"stale"'})
    require(stale.status_code == 412, f"an edit of an old version was answered {stale.status_code}, not 412")
    found = walker.clerk.patch(path, {"values": [{"field": "waist", "replicate": 3, "value": "84.4", "unit": "cm"}]})
    waist = Decimal(found["assessment"]["means"]["waist"])
    require(waist == Decimal("84.2"), f"the mean of the two closest, 84.2, was due, not {waist}")
    return "1.2 cm apart asked for a third waist; 84.2 is the mean of the two closest. An old version: 412."


def finalise(walker: Walker) -> str:
    path = f"/visits/{walker.visit['id']}/measurements"
    found = walker.clerk.post(f"{path}/finalise", {})
    require(found["state"] == "final", f"the record is {found['state']}")
    late = walker.clerk.http.patch(path, json={"values": [{"field": "weight", "value": "60"}]},
                                   headers={"If-Match": walker.clerk.http.get(path).headers["ETag"]})  # fmt: skip
    require(late.status_code == 409, f"a final record was edited: {late.status_code}")
    return f"BMI {found['assessment']['bmi']}; a final record refuses every change (409)."
