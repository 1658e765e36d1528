"""The desk's simulated devices, registered as a site would: bound, ten readings compared, calibrated, in use."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.stations import actions as stations
from biobank.stations.device_models import NEEDED_CHECKS

# Everything for a visit from one maker of each kind, and the same from as many makers as there are for it.
USUAL = {"scale": "healthometer", "kiosk": "omron-hbp9030", "scanner": "barcode"}
MAKERS = {"scale": "and", "column": "healthometer", "kiosk": "omron-hbp9030", "cuff": "suntech", "scanner": "barcode"}

_PRESSURE = (("systolic", "120", "mmHg"), ("diastolic", "80", "mmHg"), ("heart_rate", "70", "/min"))
_SAYS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "healthometer": (("weight", "20.00", "kg"),),
    "and": (("weight", "20.00", "kg"),),
    "omron-hbp9030": _PRESSURE,
    "suntech": _PRESSURE,
}
_CODE = "S123456789012"


def register(tx: Tx, station_id: UUID, devices: Mapping[str, str], ports: Mapping[str, str]) -> None:
    """Register devices (name to protocol) on their ports, by the steps of the wizard."""
    numbers = count(1)
    for name, protocol in devices.items():
        device = stations.bind_device(tx, station_id, name=name, protocol=protocol, port=ports[name],
                                      serial_number=f"SIM-{next(numbers):04}")  # fmt: skip
        for _ in range(NEEDED_CHECKS):
            stations.receive_readings(tx, station_id, [_reading(next(numbers), name, protocol)])
            reading = stations.reading_to_check(tx, device)
            if reading is not None:
                stations.check_reading(tx, station_id, device.id, reading_id=reading.id, typed=_displayed(protocol))
        today = clock.now().date()
        stations.put_in_use(tx, station_id, device.id, calibrated_on=today - timedelta(days=40),
                            calibration_due=today + timedelta(days=325))  # fmt: skip


def _reading(seq: int, name: str, protocol: str) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": "reading", "measures": [
        {"quantity": quantity, "value": value, "unit": unit} for quantity, value, unit in _SAYS.get(protocol, ())
    ]}  # fmt: skip
    if protocol == "barcode":
        said = {"kind": "scan", "text": _CODE}
    return said | {"seq": seq, "device": name, "protocol": protocol, "captured_at": clock.now()}


def _displayed(protocol: str) -> dict[str, str]:
    if protocol == "barcode":
        return {"text": _CODE[-4:]}
    return {quantity: value for quantity, value, _ in _SAYS[protocol]}
