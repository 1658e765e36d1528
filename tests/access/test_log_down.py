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
        participant = make_participant(tx, site_id)
    browser.sign_in("carla")
    paths = (f"/participants/{participant.id}", f"/api/v1/participants/{participant.id}")
    assert [browser.client.get(path).status_code for path in paths] == [200, 200]
    assert participant.clinic_code in browser.client.get(paths[1]).text
    with databases.study.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE look"))
    for path in paths:
        answer = browser.client.get(path)
        assert answer.status_code == 503
        assert participant.clinic_code not in answer.text
