"""Whoever walks the visit: the people at their screens, the devices, and what was learnt on the way."""

import json
from collections.abc import Callable
from typing import Any

from biobank.demo.client import Person
from biobank.demo.rig import Rig


class Walker:
    """Carries what one step found to the next. A step answers a sentence that says what it proved."""

    def __init__(self, up: Rig) -> None:
        self.up = up
        self.people: dict[str, Person] = {}
        self.participant: dict[str, Any] = {}
        self.visit: dict[str, Any] = {}
        self.order: dict[str, Any] = {}
        self.shipment: dict[str, Any] = {}
        self.payment: dict[str, Any] = {}

    @property
    def clerk(self) -> Person:
        return self.people["carla"]

    @property
    def technician(self) -> Person:
        return self.people["ben"]

    @property
    def finance(self) -> Person:
        return self.people["fiona"]

    def device(self, name: str, **values: object) -> None:
        """What a person does at a device, in the words of its simulator."""
        self.up.devices[name].say(json.dumps(values))

    def close(self) -> None:
        for person in self.people.values():
            person.close()


Step = Callable[[Walker], str]
