"""Protocols by name: those that are there, those refused with a reason, and a clear answer for all else."""

import pytest

from biobank.devices import registry
from biobank.devices.protocol import Evidence


def test_every_installed_protocol_goes_by_its_own_name():
    assert all(registry.load(name).name == name for name in registry.available())


def test_every_protocol_of_the_interface_is_installed():
    assert set(registry.PLANNED) <= set(registry.available())


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("seca", "not certain"),
        ("seca 460", "not certain"),
        ("omron-hem-907xl", "no manual read speaks of a data port"),
        ("OMRON_HBP-1320", "data port"),
        ("and-tm-2655p", "ask A&D"),
        ("ge-dinamap", "table of contents"),
        ("microlife-watchbp", "no serial port"),
        ("inbody-bsm", "ask the maker"),
        ("maibobo", "disagree"),
    ],
)
def test_an_uncertain_device_is_refused_by_name_with_its_reason(name: str, why: str):
    with pytest.raises(registry.UnknownProtocol, match=f"{name} is not read: .*{why}"):
        registry.load(name)


def test_an_unknown_name_is_no_protocol_and_the_others_are_named():
    with pytest.raises(registry.UnknownProtocol, match=r"toaster is no device protocol\. Available: and, barcode"):
        registry.load("toaster")


def test_every_protocol_says_how_far_it_is_proven_and_from_what():
    assert all(registry.load(name).sources and registry.load(name).evidence for name in registry.available())


def test_no_protocol_claims_to_have_been_checked_against_a_device():
    assert all(registry.load(name).evidence is not Evidence.CAPTURED for name in registry.available())


def test_manual_entry_is_a_protocol_without_a_port():
    manual = registry.load("manual")
    assert (manual.has_port, manual.evidence) == (False, Evidence.TYPED)
