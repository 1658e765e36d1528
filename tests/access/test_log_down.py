"""Where a look cannot be recorded, nothing is shown."""

import sqlalchemy as sa

from biobank.actor import Actor
from biobank.db import Databases
from tests.pages import Browser
from tests.participants.factories import make_participant


def test_a_look_that_cannot_be_recorded_shows_nothing(
    browser: Browser, noon: object, databases: Databases, people: dict[str, Actor]
) -> None:
    site_id = people["carla"].site_id
    assert site_id is not None
    with databases.transaction(people["carla"]) as tx:
        participant_id = make_participant(tx, site_id, first_name="Rosalind").id
    browser.sign_in("carla")
    assert "Rosalind" in browser.get(f"/participants/{participant_id}").text
    with databases.study.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE look"))
    for path in (f"/participants/{participant_id}", f"/api/v1/participants/{participant_id}"):
        answer = browser.client.get(path)
        assert answer.status_code == 503
        assert "Rosalind" not in answer.text
