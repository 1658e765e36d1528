"""The simulators by the name of the protocol they speak; what is typed has none."""

from biobank.devices.simulators import (
    and_scale,
    chair,
    detecto,
    gauge,
    hbp9030,
    healthometer,
    mt_sics,
    scanner,
    sma,
    suntech,
    taidoc,
    tanita,
    tanita_wb,
)
from biobank.devices.simulators.play import Simulator

SIMULATORS: dict[str, Simulator] = {
    "healthometer": healthometer.SIMULATOR,
    "healthometer-binary": chair.SIMULATOR,
    "tanita": tanita.SIMULATOR,
    "tanita-wb": tanita_wb.SIMULATOR,
    "omron-hbp9030": hbp9030.SIMULATOR,
    "and": and_scale.SIMULATOR,
    "sma": sma.SIMULATOR,
    "detecto": detecto.SIMULATOR,
    "mt-sics": mt_sics.SIMULATOR,
    "taidoc": taidoc.SIMULATOR,
    "suntech": suntech.SIMULATOR,
    "mitutoyo": gauge.SIMULATOR,
    "barcode": scanner.SIMULATOR,
}
