"""Protocols by name: those that are there, and a clear answer for those that are not."""

import pytest

from biobank.devices import registry


def test_every_installed_protocol_goes_by_its_own_name():
    assert all(registry.load(name).name == name for name in registry.available())


@pytest.mark.parametrize("name", ["sma", "mt-sics", "and", "detecto", "suntech"])
def test_a_planned_protocol_is_not_available_yet_and_the_others_are_named(name: str):
    with pytest.raises(registry.UnknownProtocol, match=f"{name} is not available yet. Available: barcode, health"):
        registry.load(name)


def test_an_unknown_name_is_no_protocol():
    with pytest.raises(registry.UnknownProtocol, match="seca is no device protocol"):
        registry.load("seca")


def test_every_protocol_says_how_far_it_is_proven_and_from_what():
    assert all(registry.load(name).sources for name in registry.available())
