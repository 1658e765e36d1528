"""The simulators by the name of the protocol they speak."""

from biobank.devices.simulators import hbp9030, healthometer, scanner, tanita
from biobank.devices.simulators.play import Simulator

SIMULATORS: dict[str, Simulator] = {
    "healthometer": healthometer.SIMULATOR,
    "tanita": tanita.SIMULATOR,
    "omron-hbp9030": hbp9030.SIMULATOR,
    "barcode": scanner.SIMULATOR,
}
