"""An independent MT-SICS client, run as a program: asks the scale at a port and prints what it was told as JSON."""

import json
import sys

from mettler_toledo_device import MettlerToledoDevice

scale = MettlerToledoDevice(port=sys.argv[1])
told = {
    "serial": scale.get_serial_number(),
    "model": scale.get_balance_data(),
    "level": scale.get_mtsics_level(),
    "software": scale.get_software_version(),
    "stable": scale.get_weight_stable(),
    "now": scale.get_weight(),
    "zeroed": scale.zero_stable(),
}
scale.close()
print(json.dumps(told))
