"""The pages by which people and tests steer and read the simulated provider, and the participant's gift page."""

from biobank.payments.simulator import topups
from biobank.payments.simulator.books import EXECUTED, Books
from biobank.payments.simulator.desk import Desk, Reply, problem
from biobank.payments.simulator.faults import PlanRefused, read_plan
from biobank.payments.simulator.statement import dollars, write_statement


def set_faults(books: Books, body: bytes) -> Reply:
    """POST /simulator/faults: a new plan, from its first fault on."""
    try:
        plan = read_plan(body, seed=books.plan.seed)
    except PlanRefused as error:
        return problem(400, str(error))
    books.set_plan(plan)
    return Reply(200, {"seed": plan.seed, "faults": len(plan.faults)})


def state(books: Books) -> Reply:
    """GET /simulator/state: how many orders stand, how many are paid, what that cost, what is left (cents)."""
    row = books.rows(
        "SELECT COUNT(*) AS orders, COUNT(DISTINCT external_id) AS references_held,"
        " COALESCE(SUM(status = ?), 0) AS executed FROM orders",
        EXECUTED,
    )[0]
    refused = books.rows("SELECT COUNT(*) AS n FROM posts WHERE answer >= 400")[0]["n"]
    posts = books.rows("SELECT COALESCE(MAX(CAST(value AS INTEGER)), 0) AS n FROM settings WHERE name = 'order_posts'")
    spent = -int(books.rows("SELECT COALESCE(SUM(amount_cents), 0) AS c FROM entries")[0]["c"])
    return Reply(200, {**dict(row), "spent_cents": spent, "balance_cents": books.balance_cents(),
                       "posts_refused": refused, "order_posts": posts[0]["n"]})  # fmt: skip


def wait_for_posts(desk: Desk) -> Reply:
    """GET /simulator/posts: answers when every webhook was posted, 503 when some are open after five seconds."""
    return Reply(200, {}) if desk.courier.wait(5) else problem(503, "Some webhooks are not answered")


def statement(books: Books) -> Reply:
    """GET /simulator/statement.csv."""
    return Reply(200, write_statement(books), "text/csv; charset=utf-8")


def top_up(books: Books, body: bytes) -> Reply:
    """POST /topups {amount, idempotency_key}: credited at once."""
    try:
        return Reply(200, topups.top_up(books, body))
    except topups.TopupRefused as error:
        return problem(400, str(error))


def bank(books: Books) -> Reply:
    """GET /simulator/bank.bai: what the bank says of the money that went to the provider."""
    return Reply(200, topups.bank_statement(books), "text/plain; charset=us-ascii")


def gift(books: Books, token: str) -> Reply:
    """GET /gift/{token}: what the participant sees behind the link."""
    found = books.rows("SELECT amount_cents FROM orders WHERE token = ?", token)
    if not found:
        return problem(404, "Not found")
    page = f"<!doctype html><html lang=en><title>Gift</title><h1>Your ${dollars(found[0]['amount_cents'])} gift</h1>"
    return Reply(200, page.encode(), "text/html; charset=utf-8", headers={"Referrer-Policy": "no-referrer"})
