"""The house defends itself: what every part must keep, whoever wrote it."""

import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from biobank import migrations
from biobank.access.table import ROUTES, Anyone
from biobank.db import Databases

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("biobank/**/*.py"), *ROOT.glob("labels/**/*.py"), ROOT / "wsgi.py"])
OURS = [path for path in SOURCES if "migrations" not in path.parts]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    assert set(app.view_functions) == set(ROUTES)


def test_nothing_is_public_but_signing_in_health_and_a_signed_webhook(app: Flask) -> None:
    public = {endpoint for endpoint, needed in ROUTES.items() if needed is Anyone.PUBLIC}
    assert public == {
        "static", "api_catch_all", "api-docs.openapi_json", "health.alive", "health.ready", "health.metrics",
        "access.go_to_service", "access.service_return", "access.finish_service",
        "access.sign_in", "access.sign_in_by_passkey", "access.resume", "access.sign_in_form",
        "access.choose_language", "participants.privacy", "access_api.sign_in",
        # A browser's report of a page that broke its policy, cut down to words of ours.
        "access.report_policy",
        # Signed by the provider over its very bytes.
        "payments_api.take_webhook",
    }  # fmt: skip


def _values(rule: Rule) -> dict[str, str]:
    """Something of the right kind for each place of an address."""
    return {
        name: "1" if isinstance(converter, IntegerConverter) else "00000000-0000-7000-8000-000000000000"
        for name, converter in rule._converters.items()
    }


def test_every_route_refuses_who_is_not_signed_in(app: Flask) -> None:
    client = app.test_client()
    wrong = []
    for rule in app.url_map.iter_rules():
        if ROUTES[rule.endpoint] is Anyone.PUBLIC:
            continue
        values = _values(rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, values)
            answer = client.open(address, method=method, headers={"Sec-Fetch-Site": "same-origin"})
            if answer.status_code not in (401, 303) or "/sign-in" not in answer.headers.get("Location", "/sign-in"):
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_every_change_refuses_another_site(app: Flask) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        values = _values(rule)
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, values)
            doubtful = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}]
            doubtful += [{"Cookie": "sid=x"}] if rule.rule.startswith("/api/") else [{}]
            for headers in doubtful:
                browser = app.test_client(use_cookies="Cookie" not in headers)
                if browser.open(address, method=method, headers=headers).status_code != 403:
                    wrong.append(f"{method} {rule.rule} {headers}")
    assert wrong == []


_APART = {"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
          "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}  # fmt: skip


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    answers = [app.test_client().get(path) for path in ("/sign-in", "/nowhere", "/api/v1/nowhere", "/healthz")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "nonce-" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert {name: answer.headers[name] for name in _APART} == _APART


def test_migrations_and_models_agree(databases: Databases) -> None:
    assert migrations.pending(databases) is None
    assert migrations.check(databases) == []


@pytest.mark.parametrize("name", ["study", "vault"])
def test_migrations_are_numbered_and_have_no_way_back(name: str) -> None:
    files = sorted((ROOT / "biobank/migrations" / name / "versions").glob("*.py"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert all("def downgrade" not in file.read_text() for file in files)


def test_import_contracts_are_kept() -> None:
    done = subprocess.run([ROOT / ".venv/bin/lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "0 broken" in done.stdout, done.stdout


def test_only_the_participants_slice_opens_the_vault() -> None:
    opens = [_name(path) for path in OURS if re.search(r"\btx\.vault\b", path.read_text())]
    assert opens == ["biobank/participants/vault.py"] or all(name.startswith("biobank/participants/") for name in opens)


def test_no_file_is_longer_than_a_room() -> None:
    assert [_name(path) for path in OURS if len(path.read_text().splitlines()) > 300] == []


def test_our_own_style_sheet_stays_small() -> None:
    assert len((ROOT / "biobank/static/css/app.css").read_text().splitlines()) < 400


def test_no_template_trusts_what_it_shows() -> None:
    pages = list((ROOT / "biobank/templates").rglob("*.html"))
    wrong = [
        _name(page)
        for page in pages
        if re.search(r"\|\s*safe\b|autoescape false| style=| on[a-z]+=\"", page.read_text())
    ]
    assert wrong == []
