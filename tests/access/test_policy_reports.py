"""What a browser reports of a broken policy is kept without keys, codes or anything that it could be made to say."""

import json

import pytest
from flask import Flask

from biobank.access.policy_reports import told
from biobank.access.security_log import events
from biobank.access.security_models import Security
from biobank.db import Databases

PERSON = "http://localhost/participants/0199d0c0-0000-7000-8000-000000000001?q=Quimby"
OLD = {"csp-report": {"document-uri": PERSON, "violated-directive": "script-src 'self'", "blocked-uri": "inline"}}
NEW = [{"type": "csp-violation", "body": {"documentURL": PERSON, "effectiveDirective": "img-src",
                                          "blockedURL": "https://ann:pw@evil.example/x.png?name=Quimby"}}]  # fmt: skip


@pytest.mark.parametrize(
    ("report", "notes"),
    [
        (OLD, ["script-src inline /participants/<uuid:participant_id>"]),
        (NEW, ["img-src https://evil.example /participants/<uuid:participant_id>"]),
        ([{"body": {"effectiveDirective": "<script>"}}], []),
        ([{"body": {"effectiveDirective": "img-src", "blockedURL": "http://[", "documentURL": 7}}], ["img-src ? ?"]),
        ("Quimby", []),
        ([[]], []),
    ],
    ids=["old", "new", "no directive", "no address", "a text", "a list"],
)
def test_a_report_is_cut_down_to_directive_source_and_route(app: Flask, report: object, notes: list[str]) -> None:
    with app.test_request_context():
        assert told(report) == notes


def test_the_same_is_written_down_once_an_hour(app: Flask, databases: Databases) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/csp-report"}
    sent = [app.test_client().post("/policy-reports", data=json.dumps(OLD), headers=headers) for _ in range(3)]
    with databases.transaction(read_only=True) as tx:
        kept = events(tx, kind=Security.POLICY_BROKEN)[0]
    assert [answer.status_code for answer in sent] == [204] * 3
    assert [event.note for event in kept] == ["script-src inline /participants/<uuid:participant_id>"]


def test_too_long_a_report_and_one_that_is_none_are_refused(app: Flask) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    sent = [app.test_client().post("/policy-reports", data=text, headers=headers) for text in (b"x" * 30_000, b"{")]
    assert [answer.status_code for answer in sent] == [413, 400]
