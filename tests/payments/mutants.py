"""`make mutants`: seeded bugs, each put into a copy of the code, and the named test that must then fail."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Only what is spoilt is copied.
SHARED = ("bench", "labels", "tests", "setup.cfg")


@dataclass(frozen=True)
class Mutant:
    """One bug: in `file`, `old` becomes `new`; `test` (a pytest address and maybe a choice) must notice."""

    name: str
    file: str
    old: str
    new: str
    test: str
    chosen: str = "embedded"


MUTANTS = (
    Mutant("a new key for every try", "biobank/payments/deliveries.py",
           'external_id, payment.amount_cents, payment.currency), ""',
           'external_id + "-2" * bool(payment.attempts), payment.amount_cents, payment.currency), ""',
           "test_worker.py::test_each_fault_delays_its_payment_and_never_doubles_or_fails_it"),
    Mutant("a timeout is a failure", "biobank/payments/providers/tremendous.py",
           "return Outcome(OutcomeKind.UNKNOWN, UNANSWERED", "return Outcome(OutcomeKind.REJECTED, UNANSWERED",
           "test_worker.py::test_each_unclear_answer_leaves_its_payment_unknown"),
    Mutant("a server's error is a failure", "biobank/payments/providers/judgement.py",
           "    422: OutcomeKind.REJECTED,", "    422: OutcomeKind.REJECTED,\n    500: OutcomeKind.REJECTED,",
           "test_worker.py::test_each_unclear_answer_leaves_its_payment_unknown"),
    Mutant("no unique index for a person", "biobank/migrations/study/versions/0033_policies_limits_cash_and_cards.py",
           '["payee_id", "scheme_code"], unique=True,', '["payee_id", "scheme_code"], unique=False,',
           "test_models.py::test_a_second_decision_for_one_person_is_refused"),
    Mutant("two live payments of one debt", "biobank/migrations/study/versions/0008_payments_ledger_statements.py",
           '            "uq_disbursement_live",\n            ["entitlement_id"],\n            unique=True,',
           '            "uq_disbursement_live",\n            ["entitlement_id"],\n            unique=False,',
           "test_models.py::test_a_second_live_payment_is_refused"),
    Mutant("whoever lost the lease still writes", "biobank/payments/jobs.py",
           "lease_token=claim.lease_token, note", "lease_token=None, note",
           "test_leases.py::test_who_lost_the_lease_does_not_disturb_who_has_it"),
    Mutant("the answer is not compared with what was asked", "biobank/payments/providers/judgement.py",
           "    if expected is None:\n        return\n    if order", "    if True:\n        return\n    if order",
           "providers/test_judgement.py::test_an_order_that_differs_from_ours_is_unknown", ""),
    Mutant("a refusal after doubt is believed", "biobank/payments/verdict.py",
           "    if outcome.kind not in MADE_NOTHING or is_doubtful:", "    if outcome.kind not in MADE_NOTHING:",
           "test_verdict.py::test_a_call_that_made_nothing_does_not_clear_an_earlier_doubt", ""),
    Mutant("sent again without idempotency", "biobank/payments/worker.py",
           "return promised.idempotent and is_fresh", "return is_fresh",
           "test_promises_kept.py::test_a_provider_without_idempotency_is_never_sent_the_same_payment_twice"),
    Mutant("sent again with a key the provider has forgotten", "biobank/payments/worker.py",
           "return promised.idempotent and is_fresh", "return promised.idempotent",
           "test_promises_kept.py::test_a_key_near_the_end_of_its_life_is_only_looked_up"),
    Mutant("absent counts at once", "biobank/payments/worker.py",
           "clock.now() - claim.doubt_since >= wait", "clock.now() >= claim.doubt_since",
           "test_worker.py::test_absent_counts_only_after_the_provider_would_know"),
    Mutant("a call within a transaction", "biobank/payments/worker.py",
           "        answers = _ask(till, claim)\n",
           "        with till.databases.transaction(SYSTEM) as held:\n"
           '            held.session.execute(sa.text("SELECT 1"))\n            answers = _ask(till, claim)\n',
           "test_worker.py::test_no_transaction_is_open_while_the_provider_is_called"),
    Mutant("a round goes on after an answer that is not well", "biobank/payments/worker.py",
           "return last.state is State.SENT and ", "return ",
           "test_rounds.py::test_the_first_answer_that_is_not_well_ends_a_round_and_the_others_were_never_tried"),
    Mutant("a round outlives its lease", "biobank/payments/worker.py",
           " and clock.now() - claimed_at < till.pace.lease * ROUND_SHARE", "",
           "test_rounds.py::test_nothing_is_called_about_so_late_that_its_lease_may_run_out"),
    Mutant("what was not called counts as tried", "biobank/payments/jobs.py",
           '"attempts": claim.attempt - 1}', '"attempts": claim.attempt}',
           "test_rounds.py::test_the_first_answer_that_is_not_well_ends_a_round_and_the_others_were_never_tried"),
    Mutant("what may be in doubt is claimed with others", "biobank/payments/jobs.py",
           "return not payment.attempts and payment", "return payment",
           "test_rounds.py::test_only_what_was_never_tried_and_goes_as_a_link_is_claimed_with_others"),
    Mutant("one person releases what they held", "biobank/payments/attempts.py",
           "if tx.actor.id is None or held.requested_by_id == tx.actor.id:", "if tx.actor.id is None:",
           "test_actions.py::test_who_held_a_payment_cannot_release_it"),
    Mutant("paid again without proof", "biobank/payments/attempts.py",
           "PROVEN = (State.FAILED, State.RETURNED)", "PROVEN = tuple(State)",
           "test_actions.py::test_a_payment_without_proof_of_failure_is_not_made_anew"),
    Mutant("one person asks and approves", "biobank/access/approvals.py",
           "if rules is None or actor.id == approval.asked_by or", "if rules is None or",
           "test_policy.py::test_a_payment_is_taken_back_by_two_people_and_can_be_earned_again"),
    Mutant("webhooks are believed unsigned", "biobank/payments/providers/hooks.py",
           "if len(raw) > LARGEST or not hmac.compare_digest(", "if len(raw) > LARGEST or not (lambda *_: True)(",
           "test_webhooks.py::test_what_is_not_signed_with_the_key_over_these_very_bytes_is_refused"),
    Mutant("webhooks are kept twice", "biobank/payments/webhooks.py",
           "event_uuid=event.uuid,", "event_uuid=str(new_id()),",
           "test_webhooks.py::test_the_same_event_again_and_again_is_one_hint"),
    Mutant("the rate is each worker's own", "biobank/payments/gates.py",
           '"free_at": start + till.between_calls * count,', '"free_at": found.free_at,',
           "test_gates.py::test_two_workers_together_keep_the_provider_s_rate"),
    Mutant("the breaker never opens", "biobank/payments/gates.py",
           "    gate.openings += 1\n    pause", "    return\n    pause",
           "test_gates.py::test_silence_opens_the_breaker_and_one_answer_closes_it"),
    Mutant("limits do not hold", "biobank/payments/caps.py",
           "if cap.used > cap.limit), None)", "if False), None)",
           "test_policy.py::test_past_a_limit_a_payment_is_owed_but_held"),
    Mutant("a card is kept for two people", "biobank/payments/card_stock.py",
           "CardItem.state == CardState.IN_STOCK, CardItem.face_cents", "CardItem.face_cents",
           "test_cash.py::test_a_card_is_given_to_one_payment_and_its_serial_is_not_kept"),
    Mutant("a part of a reference matches", "biobank/payments/references.py",
           'TOKEN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)', 'TOKEN = re.compile(r"(?i:BB-[0-9]{6}-[0-9])", re.ASCII)',
           "test_matching.py::test_a_part_of_a_reference_confirms_nothing", ""),
    Mutant("equal lines of a statement are one", "biobank/payments/statements.py",
           "[{written}, {occurrence}]", "[{written}, 1]",
           "test_statements.py::test_two_equal_lines_of_one_file_are_kept_apart", ""),
)  # fmt: skip


def survives(mutant: Mutant) -> bool:
    """Whether the named test passes in spite of the bug."""
    with tempfile.TemporaryDirectory(prefix="biobank-mutant-") as name:
        copy = Path(name)
        shutil.copytree(ROOT / "biobank", copy / "biobank")
        for part in SHARED:
            (copy / part).symlink_to(ROOT / part)
        spoilt = copy / mutant.file
        spoilt.write_text(spoilt.read_text().replace(mutant.old, mutant.new, 1))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            f"tests/payments/{mutant.test}",
        ]
        ended = subprocess.run([*command, *(["-k", mutant.chosen] if mutant.chosen else [])], cwd=copy,
                               env=os.environ | {"PYTHONPATH": name}, capture_output=True, check=False)  # fmt: skip
    if ended.returncode not in (0, 1):
        sys.exit(f"{mutant.name}: {mutant.test} could not be run\n{ended.stdout.decode()[-2000:]}")
    return ended.returncode == 0


def main() -> None:
    """Put in one bug after another; exits 1 when a test did not notice its own."""
    alive = []
    for number, mutant in enumerate(MUTANTS, start=1):
        if survives(mutant):
            alive.append(mutant.name)
        print(
            f"{number:2}/{len(MUTANTS)} {'SURVIVES' if mutant.name in alive else 'caught  '} {mutant.name}", flush=True
        )
    if alive:
        sys.exit(f"{len(alive)} bugs were not noticed: {', '.join(alive)}")


if __name__ == "__main__":
    main()
