"""`biobank site` and `biobank staff`: the first people and places, before anybody can sign in."""

import click
import sqlalchemy as sa

from biobank import db
from biobank.access import actions, first_passwords, resting
from biobank.access.models import Site, SiteKind
from biobank.actor import SYSTEM, Role
from biobank.config import Settings


@click.group()
def site() -> None:
    """Places where staff work.

    Example: biobank site add CHI "Chicago clinic" --kind clinic --zone America/Chicago
    """


@site.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(SiteKind)), required=True)
@click.option("--zone", required=True, help="IANA time zone, such as America/Chicago.")
@click.option("--tube-set", default="3.2", show_default=True)
@click.pass_obj
def add_site(  # noqa: PLR0917 - click passes each by its name
    settings: Settings, code: str, name: str, kind: str, zone: str, tube_set: str
) -> None:
    """Add a place.

    Example: biobank site add MIN "Central biobank" --kind biobank --zone America/Chicago
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        actions.add_site(tx, code=code, name=name, kind=SiteKind(kind), zone=zone, tube_set=tube_set)
    click.echo(f"Added {code}.")


@site.command("list")
@click.pass_obj
def list_sites(settings: Settings) -> None:
    """List the places.

    Example: biobank site list
    """
    with db.connect(settings).transaction(SYSTEM, read_only=True) as tx:
        for place in tx.session.scalars(sa.select(Site).order_by(Site.code)):
            click.echo(f"{place.code:12} {place.kind:10} {place.zone:24} {place.name}")


@click.group()
def staff() -> None:
    """People who may sign in.

    Example: biobank staff add ann "Ann Lee" --site CHI --role clinic
    """


@staff.command("add")
@click.argument("username")
@click.argument("display_name")
@click.option("--site", "site_code", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(list(Role)))
@click.pass_obj
def add_staff(settings: Settings, username: str, display_name: str, site_code: str, roles: tuple[str, ...]) -> None:
    """Add somebody who may sign in, and say their first password: with it they choose their own.

    Example: biobank staff add ann "Ann Lee" --site CHI --role clinic
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        place = actions.site_by_code(tx, site_code)
        first = first_passwords.add_staff(tx, username=username, display_name=display_name,
                                          roles=[Role(role) for role in roles], site_id=place.id)  # fmt: skip
    click.echo(f"{display_name} can sign in as {username.lower()}.")
    click.echo(f"First password, good until {first.until:%Y-%m-%d %H:%M} UTC: {first.password}")


@staff.command("stop-unused")
@click.pass_obj
def stop_unused(settings: Settings) -> None:
    """Stop the accounts that nobody used for BIOBANK_INACTIVE_DAYS, and temporary ones whose time is over.

    The worker does the same once an hour.

    Example: biobank staff stop-unused
    """
    count = db.run_tx(db.connect(settings), lambda tx: resting.stop_unused(tx, settings.inactive_days), SYSTEM)
    click.echo(f"Stopped {count}.")
