"""The walk's measurements by the devices of five makers: two scales, a kiosk, a cuff started by a click, a scanner."""

from functools import partial

from biobank.demo.client import require, until
from biobank.demo.clinic_walk import PRESSURES, has, sheet
from biobank.demo.walker import Walker


def weigh_on_two_makers(walker: Walker) -> str:
    walker.device("scale", weight="72.8")
    until("no weight came from the scale", lambda: has(walker, "weight"))
    walker.device("column", weight="72.9", height="172.7")
    until("no height came from the column", lambda: has(walker, "height"))
    entries = {entry["field"]: entry for entry in sheet(walker)["entries"] if entry["kind"] == "value"}
    makers = (entries["height"]["protocol"], entries["weight"]["protocol"])
    require(makers == ("healthometer", "and"), f"two makers were due, not {makers}")
    require(entries["weight"]["value"] == "72.8", "the second scale's weight took the place of the first's")
    return "72.8 kg from an A&D scale, 172.7 cm from a Health o meter column, whose 72.9 kg was set aside."


def start_a_cuff(walker: Walker) -> str:
    for place, (systolic, diastolic, pulse) in enumerate(PRESSURES[:2]):
        walker.device("kiosk", systolic=systolic, diastolic=diastolic, heart_rate=pulse)
        until(f"reading {place + 1} did not come from the kiosk", partial(has, walker, "systolic", place))
    systolic, diastolic, pulse = PRESSURES[2]
    station = walker.up.programme.station_id
    walker.device("cuff", next={"systolic": systolic, "diastolic": diastolic, "pulse": pulse})
    asked = walker.clerk.post(f"/stations/{station}/commands", {"device": "cuff", "act": "start-cuff"})
    walker.clerk.post(f"/stations/{station}/commands", {"device": "scale", "act": "start-cuff"}, expect=422)
    until("the cuff's reading did not come", partial(has, walker, "systolic", 2))
    found = sheet(walker)
    if found["to_confirm"]:
        found = walker.clerk.patch(f"/visits/{walker.visit['id']}/measurements", {"confirmed": found["to_confirm"]})
    means = found["assessment"]["means"]
    right = {"systolic": "123.0", "diastolic": "79.0", "heart_rate": "69.0"}
    require({key: means[key] for key in right} == right, f"means {right} were due, not {means}")
    return f"Two off an Omron kiosk, the third off a SunTech cuff that {asked['asked_by']} started by a click."
