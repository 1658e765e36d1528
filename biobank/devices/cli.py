"""The `biobank-station` command: run a desk, decode a capture, list ports, play a device, make a key, record a port."""

import json
import logging
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import BinaryIO, NoReturn, TextIO

import click

from biobank.devices import port as ports_of
from biobank.devices import recording, registry, signing, station
from biobank.devices.decoding import decode_stream
from biobank.devices.ownership import AlreadyRunning
from biobank.devices.port import Port, PortError
from biobank.devices.private_files import KeyFileError
from biobank.devices.protocol import DeviceProtocol
from biobank.devices.simulators import stage
from biobank.devices.simulators.play import BadScript, Simulator
from biobank.devices.simulators.roster import SIMULATORS
from biobank.devices.simulators.wire import Wire, has_pseudo_terminals
from biobank.devices.spool import Spool, SpoolError
from biobank.devices.station import ConfigError

_CHUNK = 65536
_CONFIG = click.option(
    "--config", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The desk's settings."
)


class _ProtocolName(click.ParamType[DeviceProtocol]):
    """The name of an installed protocol."""

    name = "NAME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> DeviceProtocol:
        try:
            return registry.load(str(value))
        except registry.UnknownProtocol as error:
            self.fail(str(error), param, ctx)


class _SimulatorName(click.ParamType[Simulator]):
    """The name of a protocol that has a simulator."""

    name = "PROTOCOL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Simulator:
        if str(value) not in SIMULATORS:
            self.fail(f"{value} has no simulator. Available: {', '.join(sorted(SIMULATORS))}.", param, ctx)
        return SIMULATORS[str(value)]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A desk's devices: what they say, kept and sent to the server.

    Example: biobank-station run --config station.toml
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)


@main.command()
@_CONFIG
def run(config: Path) -> None:
    """Own the desk's ports until stopped: hear devices, deliver readings, print labels.

    Example: biobank-station run --config station.toml
    """
    # A simulator or a decoder starts in a third of the time without the network and label parts of a station.
    from biobank.devices.agent import Agent  # noqa: PLC0415

    try:
        agent = Agent(station.load(config))
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    except (KeyFileError, AlreadyRunning, SpoolError) as error:
        raise click.ClickException(str(error)) from error
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: agent.stop())
    click.echo("The station runs. Stop it with Ctrl-C.", err=True)
    if not agent.run():
        raise click.ClickException("A part of the station failed, so all of it was stopped: start it again.")


@main.command()
@click.option("--protocol", required=True, type=_ProtocolName(), help="What the device speaks.")
@click.argument("file", type=click.File("rb"), default="-")
def decode(protocol: DeviceProtocol, file: BinaryIO) -> None:
    """Print one JSON object for each frame of FILE (standard input by default), without any rule of capture.

    Example: biobank-station decode --protocol tanita capture.bin
    """
    for event in decode_stream(protocol, iter(lambda: _some(file), b"")):
        click.echo(json.dumps(event.as_json()))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a port.")
def ports(as_json: bool) -> None:
    """List the serial ports of this machine and where each is plugged in.

    Example: biobank-station ports --json
    """
    found = ports_of.listing()
    for port in found:
        plain = f"{port.path}  {port.location or '-'}  {port.description}  {port.hardware}"
        click.echo(json.dumps(port.as_json()) if as_json else plain)
    if not found and not as_json:
        click.echo("No serial port: plug the device in and switch it on.", err=True)


@main.command()
@click.argument("simulator", metavar="PROTOCOL", type=_SimulatorName())
@click.option("--people", type=click.IntRange(min=1), help="So many people or labels made up by chance.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same people.")
@click.option("--script", type=click.File("r"), help="A file of JSON lines instead of standard input.")
@click.option("--link", type=click.Path(path_type=Path), help="A symbolic link to make to the port.")
def simulate(
    simulator: Simulator, people: int | None, seed: int, script: Iterable[str] | None, link: Path | None
) -> None:
    """Play a device on a port of its own, told what to measure by JSON lines on standard input.

    The first line printed is the port; nothing is sent before a program has opened it. A line {"pause": 6} is
    silence, {"raw": "1b52"} goes out as it is, and "fault": noise, split, glue, double, reboot or unplug in a line
    spoils it. A device that speaks only when asked answers. Each line is printed once it is done.

    Example: echo '{"weight": "72.8", "height": "172.7"}' | biobank-station simulate healthometer --link scale
    """
    if not has_pseudo_terminals():
        raise click.ClickException("Simulated devices need Linux or macOS.")
    _end_on_signals()
    with Wire(baud=simulator.baud, wait=time.sleep, link=link) as wire:
        click.echo(str(link or wire.path))
        wire.await_reader()
        played = stage.Stage(simulator, wire)
        with played.answering():
            for line in stage.people(simulator, people, seed) if people else script or sys.stdin:
                try:
                    if played.perform(line):
                        click.echo(line.strip())
                except BadScript as error:
                    _tell(error, is_live=not script)
        wire.drain()


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def keygen(file: Path) -> None:
    """Make the station's key in FILE, readable by its owner alone, and print the public key to give to the server.

    Example: biobank-station keygen station.key
    """
    try:
        click.echo(signing.make_key(file))
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("port")
@click.argument("file", type=click.File("a"))
@click.option("--protocol", required=True, type=_ProtocolName(), help="What the device speaks.")
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop after so long; else at Ctrl-C.")
def record(port: str, file: TextIO, protocol: DeviceProtocol, seconds: float | None) -> None:
    """Append what PORT sends to FILE as JSON lines with times, identifiers overwritten with zeros.

    Example: biobank-station record /dev/ttyUSB0 scale.jsonl --protocol healthometer
    """
    _end_on_signals()
    try:
        opened = Port(port, protocol.settings)
        click.echo(f"Recording {port}. Stop with Ctrl-C.", err=True)
        for line in recording.record(opened, protocol, seconds):
            file.write(line + "\n")
            file.flush()
    except PortError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_CONFIG
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def spool(config: Path, as_json: bool) -> None:
    """Show how many readings wait for the server, and which it refused and why.

    Example: biobank-station spool --config station.toml
    """
    try:
        store = Spool(station.load(config).spool)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    except (KeyFileError, SpoolError) as error:
        raise click.ClickException(str(error)) from error
    refused = [{"seq": parked.seq, "reason": parked.reason} for parked in store.refused()]
    if as_json:
        click.echo(json.dumps({"waiting": store.count(), "refused": refused}))
        return
    click.echo(f"Waiting for the server: {store.count()}. Refused: {len(refused)}.")
    for parked in refused:
        click.echo(f"  {parked['seq']}: {parked['reason']}")


def _tell(error: BadScript, *, is_live: bool) -> None:
    """A slip of a person at the keyboard leaves the device plugged in; a script is refused."""
    if not is_live:
        raise click.UsageError(str(error)) from error
    click.echo(str(error), err=True)


def _some(file: BinaryIO) -> bytes:
    """What a pipe has now, so that a live stream is decoded as it comes."""
    return file.read1(_CHUNK) if hasattr(file, "read1") else file.read(_CHUNK)


def _end_on_signals() -> None:
    """End with status 0, closing what is open, when asked to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)
