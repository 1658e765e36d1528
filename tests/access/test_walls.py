"""The second wall: without any filter of ours PostgreSQL itself shows a clinic only its own site's rows."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from biobank import db, events, wiring
from biobank.actor import NOBODY, SYSTEM, Actor, Role
from biobank.backups import roles
from biobank.config import Settings
from biobank.db import Databases
from biobank.measurements.models import MeasurementRecord
from biobank.migrations import walls
from biobank.stations.models import Station
from biobank.visits.models import Visit, VisitEvent
from tests.access.factories import make_site
from tests.conftest import _administer, _settings, _urls
from tests.visits.factories import make_open_visit, make_station

WEB = "biobank_walls"


@pytest.fixture(scope="module")
def guarded(
    postgres: str, postgresql_template: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A study with a visit at each of two sites, and the web's role of `biobank db roles`."""
    tail = uuid.uuid4().hex[:10]
    names = [f"{name}_{tail}" for name in ("study", "vault")]
    _administer(postgres, *(f"CREATE DATABASE {name} TEMPLATE {name.split('_')[0]}_template" for name in names))
    settings = _settings(tmp_path_factory.mktemp("home"), **_urls(postgres, tail))
    roles.run(settings, "study", roles.statements(settings, WEB, f"{WEB}_vault")["study"])
    owner = db.connect(settings)
    events.connect(wiring.TABLE)
    with owner.transaction(SYSTEM) as tx:
        for code in ("CHI", "NYC"):
            make_open_visit(tx, make_station(tx, make_site(tx, code).id))
    owner.dispose()
    url = sa.make_url(settings.database_url).set(username=WEB, password=None)
    yield replace(settings, database_url=url.render_as_string(False))
    _administer(postgres, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names), f"DROP ROLE {WEB}")


@pytest.fixture
def web(guarded: Settings) -> Iterator[Databases]:
    """The databases as the web process opens them, on one connection."""
    opened = db.connect(replace(guarded, threads=-1))
    yield opened
    opened.dispose()


def _clerk(web: Databases, *more: Role) -> Actor:
    with web.transaction(SYSTEM, read_only=True) as tx:
        site_id = tx.session.scalars(sa.select(Station.site_id)).first()
    return Actor(
        kind="staff", name="Carla", id=uuid.UUID(int=7), site_id=site_id, roles=frozenset({Role.CLINIC, *more})
    )


def _sites(web: Databases, actor: Actor, *, read_only: bool = True) -> int:
    with web.transaction(actor, read_only=read_only) as tx:
        return len(set(tx.session.scalars(sa.select(Visit.site_id))))


def _unasked(web: Databases) -> int:
    with web.study.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Visit)) or 0


def test_a_clinic_reads_its_own_sites_rows_and_no_others(web: Databases) -> None:
    clerk = _clerk(web)
    with web.transaction(clerk, read_only=True) as tx:
        assert set(tx.session.scalars(sa.select(Visit.site_id))) == {clerk.site_id}
        for model in (MeasurementRecord, VisitEvent):
            visits = set(tx.session.scalars(sa.select(model.visit_id)))  # type: ignore[attr-defined]
            assert len(visits) == 1


@pytest.mark.parametrize("role", [Role.BIOBANK, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_other_roles_and_the_service_see_every_site(web: Databases, role: Role) -> None:
    other = replace(_clerk(web), roles=frozenset({role}))
    assert _sites(web, other) == _sites(web, SYSTEM) == 2


def test_a_change_decides_over_every_site(web: Databases) -> None:
    assert _sites(web, _clerk(web), read_only=False) == 2


def test_who_is_nobody_and_who_says_nothing_sees_nothing(web: Databases) -> None:
    assert _sites(web, NOBODY) == 0
    assert _unasked(web) == 0


def test_a_connection_that_is_used_again_remembers_nothing(web: Databases) -> None:
    for actor in (SYSTEM, _clerk(web)):
        assert _sites(web, actor) > 0
        assert _unasked(web) == 0


def test_the_owner_of_the_tables_is_kept_to_it_too(guarded: Settings, web: Databases, postgres: str) -> None:
    address = sa.make_url(postgres).set(database=sa.make_url(guarded.database_url).database).render_as_string(False)
    _administer(address, f"ALTER TABLE visit OWNER TO {WEB}")
    assert _unasked(web) == 0
    assert _sites(web, _clerk(web)) == 1


def test_the_role_can_not_pass_through(guarded: Settings, web: Databases, postgres: str) -> None:
    with web.study.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"))
        assert tuple(row.one()) == (False, False)
    _administer(postgres, "CREATE ROLE biobank_passing BYPASSRLS")
    try:
        wanted = roles.statements(guarded, "biobank_passing", "v")["study"]
        with pytest.raises(sa.exc.DBAPIError, match="passes through the walls"):
            roles.run(replace(guarded, database_url=_owner(guarded, postgres)), "study", wanted)
    finally:
        _administer(postgres, "DROP ROLE biobank_passing")


def _owner(guarded: Settings, postgres: str) -> str:
    return sa.make_url(postgres).set(database=sa.make_url(guarded.database_url).database).render_as_string(False)


def test_every_wall_stands(guarded: Settings, postgres: str) -> None:
    engine = sa.create_engine(sa.make_url(_owner(guarded, postgres)).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert walls.missing(connection) == []
        connection.exec_driver_sql("ALTER TABLE visit NO FORCE ROW LEVEL SECURITY")
        assert walls.missing(connection) == ["visit"]
    engine.dispose()
