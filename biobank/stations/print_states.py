"""How a label's copy may go on from each state: the whole law of printing, as a table."""

from biobank.errors import Conflict
from biobank.stations.models import PrintJob, PrintState

_S = PrintState
# A retry without a person stands only before the first byte: claimed goes back to queued, sending never does.
FOLLOWS: dict[PrintState, frozenset[PrintState]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.FAILED, _S.VOIDED}),
    _S.CLAIMED: frozenset({_S.QUEUED, _S.SENDING, _S.FAILED}),
    _S.SENDING: frozenset({_S.SENT, _S.PRINTED, _S.UNKNOWN, _S.FAILED}),
    _S.SENT: frozenset({_S.PRINTED, _S.UNKNOWN, _S.VOIDED}),
    _S.UNKNOWN: frozenset({_S.PRINTED, _S.VOIDED}),
    _S.FAILED: frozenset({_S.PRINTED, _S.VOIDED}),
    _S.PRINTED: frozenset({_S.VOIDED}),
    _S.VOIDED: frozenset(),
}
# What a station may tell of a copy, and from where: the answer to an unknown is a person's alone.
TOLD_BY_STATION: dict[PrintState, frozenset[PrintState]] = {
    _S.SENDING: frozenset({_S.CLAIMED}),
    _S.SENT: frozenset({_S.SENDING}),
    _S.PRINTED: frozenset({_S.SENDING, _S.SENT}),
    _S.UNKNOWN: frozenset({_S.SENDING, _S.SENT}),
    _S.FAILED: frozenset({_S.CLAIMED, _S.SENDING}),
}
IN_DOUBT = frozenset({_S.UNKNOWN, _S.FAILED, _S.SENT})
AT_THE_PRINTER = frozenset({_S.CLAIMED, _S.SENDING})


def refuse_report(job: PrintJob, told: PrintState) -> None:
    """Refuse what a station tells of a copy that is not there any more."""
    if told not in TOLD_BY_STATION or job.state not in TOLD_BY_STATION[told]:
        raise Conflict("This label is %(state)s, so it cannot become %(told)s. Ask for new work.",
                       code="print-state", state=job.state.value, told=told.value,
                       details={"state": job.state.value})  # fmt: skip
