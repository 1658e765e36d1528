"""A station taken out of service while it delivers: not one request is taken that began after the word was given."""

import threading

from flask import Flask

from biobank.db import Databases
from biobank.stations import actions
from tests.stations.factories import Desk, on_the_wire, reading

DELIVERERS = 3


def test_no_request_that_began_after_the_revocation_is_taken(app: Flask, databases: Databases, desk: Desk) -> None:
    revoked, begun = threading.Event(), threading.Barrier(DELIVERERS + 1)
    late: list[int] = []

    def deliver(place: int) -> None:
        number, waiting = place * 1000, True
        while True:
            number += 1
            is_late = revoked.is_set()
            status = desk.post(app, "readings", {"readings": [on_the_wire(reading(number))]}).status_code
            if waiting:
                begun.wait()
                waiting = False
            if is_late:
                late.append(status)
                return

    threads = [threading.Thread(target=deliver, args=(place,)) for place in range(1, DELIVERERS + 1)]
    for thread in threads:
        thread.start()
    begun.wait()
    with databases.transaction() as tx:
        actions.set_station_active(tx, desk.id, active=False)
    revoked.set()
    for thread in threads:
        thread.join()
    assert late == [401] * DELIVERERS
