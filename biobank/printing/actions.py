"""What can be done with designs and rules, by the names that other slices use."""

from biobank.printing.designs import Design, check, design, designs, keep, names, publish, versions
from biobank.printing.routes import (
    Routing,
    add_rule,
    publish_rules,
    raise_rule,
    remove_rule,
    routing,
    rule_for,
    which,
)
from biobank.printing.routing import Choice, Rule, Wanted

__all__ = [
    "Choice",
    "Design",
    "Routing",
    "Rule",
    "Wanted",
    "add_rule",
    "check",
    "design",
    "designs",
    "keep",
    "names",
    "publish",
    "publish_rules",
    "raise_rule",
    "remove_rule",
    "routing",
    "rule_for",
    "versions",
    "which",
]
