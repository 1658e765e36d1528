"""The camera as a scanner: a film of a label before a real browser's camera, to the row that keeps the scan."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Playwright

from biobank import db
from biobank.demo.rig import Rig
from biobank.specimens.models import ReceiptScan
from labels import Kind, mint
from tests.browser import film
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.screens import sign_in
from tests.labels.factories import make_label_data

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("template", "identifier"), [("tube-50x25", "]C0")])
def test_a_label_before_the_camera_is_a_scan(
    programme: Rig, playwright: Playwright, tmp_path: Path, template: str, identifier: str
) -> None:
    code = mint(Kind.TEST)
    seen = film.of_label(tmp_path / "label.mjpeg", template, make_label_data(template, tube_id=code))
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *film.flags(seen)])
    page = browser.new_page(base_url=programme.address)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, "ben")
    page.goto("/bench")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/bench")):
        page.get_by_role("button", name="Use the camera").click()
    browser.close()
    databases = db.connect(programme.settings)
    with databases.transaction(read_only=True) as tx:
        scan = tx.session.scalars(sa.select(ReceiptScan).filter_by(raw=identifier + code)).one()
    databases.dispose()
    assert (scan.entered_by, complaints) == ("camera", [])
