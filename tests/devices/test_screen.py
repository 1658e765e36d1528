"""The desk's own screen: each device, its last frame and health, the store, the clock; for this machine alone."""

import http.client
import threading
from datetime import timedelta

import pytest

from biobank import clock
from biobank.devices.board import Entry, State
from biobank.devices.screen import Screen, page
from biobank.devices.screen_words import ENGLISH, SPANISH
from biobank.devices.station import ConfigError


def shown(**more: object) -> dict[str, object]:
    entry = Entry(
        "scale", "tanita", "/dev/one", State.CONNECTED, clock.now() - timedelta(seconds=4), "", "weight 72.8 kg"
    )
    return {"server": "https://biobank", "heard_at": clock.now(), "skew_seconds": -400.0, "skewed": True, "trouble": "",
            "devices": [entry], "waiting": 12, "refused": 1, "store": ""} | more  # fmt: skip


def test_a_device_shows_its_last_frame_its_health_and_how_far_it_is_proven():
    text = page(shown(), ENGLISH)
    for words in ("scale", "connected", "weight 72.8 kg", "4 s ago", "maker&#x27;s published format"):
        assert words in text or words.replace("&#x27;", "'") in text


def test_the_store_and_the_clock_are_told():
    text = page(shown(), ENGLISH)
    for words in ("12 readings wait", "1 refused", "This clock is wrong", "+400.0 s"):
        assert words in text


def test_every_word_is_there_in_spanish():
    assert "Este puesto" in page(shown(devices=[]), SPANISH)
    assert ENGLISH.keys() <= SPANISH.keys()


def test_a_devices_trouble_and_its_last_frame_are_told_in_spanish():
    missing = "/dev/one is not there: plug the device in and switch it on."
    entry = Entry("scale", "tanita", "/dev/one", State.MISSING, clock.now(), missing, "weight 72.8 kg (moving)")
    text = page(shown(devices=[entry]), SPANISH)
    for words in ("no está enchufado", "enchufe el aparato", "en movimiento", "cumple el formato publicado"):
        assert words in text


def test_what_a_device_says_cannot_become_markup():
    entry = Entry("<b>", "tanita", "/dev/<i>", State.ERROR, None, "<script>")
    text = page(shown(devices=[entry]), ENGLISH)
    assert (text.count("<script>"), "<b>" in text, "<i>" in text) == (1, False, False)


def _ask(port: int, host: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={"Host": host, "Accept-Language": "es-MX"})
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def test_the_screen_answers_this_machine_by_its_own_name_alone():
    screen, stop = Screen(0, shown), threading.Event()
    serving = threading.Thread(target=screen.run, args=(stop,))
    serving.start()
    here, elsewhere = _ask(screen.port, f"127.0.0.1:{screen.port}"), _ask(screen.port, f"evil.example:{screen.port}")
    with pytest.raises(ConfigError, match="choose another"):
        Screen(screen.port, shown)
    stop.set()
    serving.join()
    assert (here[0], "Este puesto" in here[1], elsewhere) == (200, True, (421, ""))
