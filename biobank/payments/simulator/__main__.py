"""`python -m biobank.payments.simulator`: the simulated payment provider as a process of its own."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from biobank.payments.simulator.books import Books, Terms
from biobank.payments.simulator.desk import Desk
from biobank.payments.simulator.faults import Plan, PlanRefused, read_plan
from biobank.payments.simulator.server import Server

EXAMPLE = "example: python -m biobank.payments.simulator --port 8025 --data var/provider --seed 1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the first line printed is the port. Exit 2 for a plan or place that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        terms = Terms(opening_cents=options.balance_cents, fee_cents=options.fee_cents)
        books = Books(options.data / "provider.sqlite", terms)
        if options.faults is not None:
            books.set_plan(read_plan(options.faults.read_bytes(), seed=options.seed))
        elif not books.plan.faults:
            books.set_plan(Plan(seed=options.seed))
        desk = Desk(books, api_key=options.key, requests_per_second=options.rate)
        if options.webhook:
            desk.courier.register(options.webhook, options.webhook_key)
        server = Server(desk, options.port)
    except (OSError, PlanRefused) as error:
        print(f"The simulated provider cannot start: {error}", file=sys.stderr)
        return 2
    print(server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m biobank.payments.simulator", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--data", type=Path, required=True, help="folder of the provider's books, kept between runs")
    parser.add_argument("--seed", type=int, default=1, help="draws which orders meet a fault given by share")
    parser.add_argument("--faults", type=Path, help="JSON file with the fault plan; without it the last plan stands")
    parser.add_argument("--key", default="TEST_simulator", help="the bearer key to accept (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=0, help="requests allowed a second; 0 for no limit (default)")
    parser.add_argument("--balance-cents", type=int, default=10_000_000, help="the first balance of new books")
    parser.add_argument("--fee-cents", type=int, default=0, help="fee charged on every order")
    parser.add_argument("--webhook", help="address that signed events are posted to")
    parser.add_argument("--webhook-key", help="key to sign them with; without it one is drawn")
    return parser


if __name__ == "__main__":
    sys.exit(main())
