"""What is ever sent to a device: read commands, listed here one by one, and nothing that changes or starts anything."""

import re

import pytest

from biobank.devices import registry
from biobank.devices.protocols.suntech import ResultConversation
from biobank.devices.protocols.taidoc_asking import COMMANDS, MemoryConversation
from tests.devices.frames import SUNTECH, TAIDOC, TAIDOC_DATE, sum_checked

MAY_BE_SENT = {
    "tanita-wb": {b"DR\r\n"},
    "sma": {b"\nW\r"},
    "detecto": {b"\x05"},
    "mt-sics": {b"SI\r\n"},
    "suntech": {bytes.fromhex("3a7903004a")},
    "taidoc": set(COMMANDS),
}
CHANGES_SOMETHING = re.compile(
    rb"\n?[ZTR@][\r\n]|@|TA|ZI|\x1b[CXRJQ]|\x3a\x20\xa6|\x51[\x33\x43\x50\x52]|DH|Q\r\n|\n[BP]\r", re.DOTALL
)


def test_only_these_commands_can_be_sent():
    commands = {name: registry.load(name).polling for name in registry.available()}
    assert {name: set(polling.commands) for name, polling in commands.items() if polling} == MAY_BE_SENT


@pytest.mark.parametrize("command", sorted(set().union(*MAY_BE_SENT.values())))
def test_no_command_zeroes_tares_erases_sets_or_starts(command: bytes):
    assert not CHANGES_SOMETHING.match(command)


@pytest.mark.parametrize("name", sorted(MAY_BE_SENT))
def test_a_conversation_sends_nothing_but_what_is_listed(name: str):
    polling = registry.load(name).polling
    conversation, sent = polling.begin(), []
    for number in range(200):
        sent.append(conversation.due(number * 0.3))
        conversation.hear(bytes([number]) * 8 + SUNTECH + bytes.fromhex("3e044b73"))
    assert {command for command in sent if command} <= MAY_BE_SENT[name]


def test_a_device_is_asked_again_only_when_its_time_has_come():
    conversation = registry.load("mt-sics").polling.begin()
    assert [conversation.due(at) for at in (0.0, 0.3, 0.5, 0.8, 0.9)] == [
        b"SI\r\n", None, b"SI\r\n", None, b"SI\r\n",
    ]  # fmt: skip


class Talked:
    """A conversation with a meter that gives one answer a question; what was asked, by its command byte."""

    def __init__(self, model: str = "2831", records: int = 1) -> None:
        self.answers = {
            0x22: bytes.fromhex("512200000000a518"),
            0x24: sum_checked(bytes.fromhex(f"5124{model}0000a5")),
            0x23: sum_checked(bytes.fromhex("5123eb340509a5")),
            0x2B: sum_checked(bytes([0x51, 0x2B, records, 0, 0, 0, 0xA5])),
            0x25: TAIDOC_DATE,
            0x26: TAIDOC,
        }
        self.conversation = MemoryConversation()
        self.asked: list[int] = []

    def talk(self, rounds: int, silent: int | None = None) -> list[int]:
        for at in range(rounds):
            if command := self.conversation.due(at * 0.5):
                self.asked.append(command[1])
                if command[1] != silent:
                    self.conversation.hear(self.answers[command[1]])
        return self.asked


def test_a_meter_is_woken_and_asked_its_model_its_clock_and_its_newest_record_again_and_again():
    assert Talked().talk(12)[:9] == [0x22, 0x24, 0x23, 0x2B, 0x25, 0x26, 0x2B, 0x25, 0x26]


def test_a_meter_of_another_model_is_never_asked_for_a_record():
    assert set(Talked(model="7742").talk(20)) == {0x22, 0x24}


def test_a_meter_without_records_is_not_asked_for_one():
    assert set(Talked(records=0).talk(20)) == {0x22, 0x24, 0x23, 0x2B}


def test_a_meter_that_does_not_answer_is_woken_again():
    assert Talked().talk(8, silent=0x23) == [0x22, 0x24, 0x23, 0x22, 0x24, 0x23]


def test_a_result_is_asked_for_once_after_a_cycle_has_ended_in_our_hearing():
    conversation = ResultConversation()
    before = conversation.due(0.0)
    conversation.hear(bytes.fromhex("3e050201ba3e04"))
    conversation.hear(bytes.fromhex("4b73"))
    assert [before, conversation.due(1.0), conversation.due(2.0)] == [None, bytes.fromhex("3a7903004a"), None]
