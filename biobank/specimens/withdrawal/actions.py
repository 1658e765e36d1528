"""Withdrawal at the biobank: the work list, setting apart, asking, destroying, certificates."""

from biobank.specimens.withdrawal.destroying import (
    KIND,
    Method,
    Work,
    ask,
    certificates_of,
    destroy,
    find_certificate,
    method_of,
    set_apart,
    work_list,
    work_of,
)

__all__ = ["KIND", "Method", "Work", "ask", "certificates_of", "destroy", "find_certificate", "method_of", "set_apart",
           "work_list", "work_of"]  # fmt: skip
