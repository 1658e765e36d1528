"""What can be done at stations, by the names that other slices use."""

from biobank.stations.claims import claim_reading
from biobank.stations.desk import (
    add_printer,
    add_station,
    connected_devices,
    is_alive,
    is_skewed,
    note_heartbeat,
    remove_printer,
    require_station,
    set_station_active,
    stations_of,
)
from biobank.stations.inbox import (
    Receipt,
    latest_scan,
    readings_to_decide,
    receive_readings,
    recent_readings,
)
from biobank.stations.print_queue import Work, claim_print_jobs, report_print_job
from biobank.stations.printing import (
    add_print_job,
    confirm_printed,
    jobs_in_doubt,
    jobs_of,
    jobs_waiting,
    last_test_label,
    print_test_label,
    shown_state,
)
from biobank.stations.windows import close_windows, open_window, window_of

__all__ = [
    "Receipt",
    "Work",
    "add_print_job",
    "add_printer",
    "add_station",
    "claim_print_jobs",
    "claim_reading",
    "close_windows",
    "confirm_printed",
    "connected_devices",
    "is_alive",
    "is_skewed",
    "jobs_in_doubt",
    "jobs_of",
    "jobs_waiting",
    "last_test_label",
    "latest_scan",
    "note_heartbeat",
    "open_window",
    "print_test_label",
    "readings_to_decide",
    "receive_readings",
    "recent_readings",
    "remove_printer",
    "report_print_job",
    "require_station",
    "set_station_active",
    "shown_state",
    "stations_of",
    "window_of",
]
