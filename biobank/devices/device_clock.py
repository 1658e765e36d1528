"""A device's own clock beside ours: both times are kept, and a clock that is off is flagged, never corrected."""

from dataclasses import replace
from datetime import datetime, timedelta

from biobank.devices.capture import Captured
from biobank.devices.events import Reading

OFF = "device-clock-off"
TOLERANCE = timedelta(minutes=5)


def skew(device_time: str, now: datetime) -> timedelta:
    """How far a device's local text is ahead of this machine's local time; `now` is aware."""
    # The device knows no zone, and stands where this machine stands.
    return datetime.fromisoformat(device_time) - now.astimezone().replace(tzinfo=None)


def flagged(captured: Captured, now: datetime) -> Captured:
    """The same, flagged when its device's clock is more than 5 minutes off."""
    event = captured.event
    if not isinstance(event, Reading) or event.device_time is None or abs(skew(event.device_time, now)) <= TOLERANCE:
        return captured
    return replace(captured, event=replace(event, flags=(*event.flags, OFF)))
