"""Rules of the house that no linter has: each reads one file's tree and answers the lines that break it."""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from biobank.web import logs

Rule = Callable[[ast.AST], Iterator[int]]
_NOW = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "datetime.datetime.now"}
_LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
_RUNS_TEXT = {"exec_driver_sql", "execute", "executescript", "executemany", "scalar", "scalars"}
_TEXT = {"sa.text", "text", "sqlalchemy.text"}
_DRAWS = {"uuid1", "uuid3", "uuid5", "getrandbits", "randint", "choice", "choices", "random", "randrange", "sample"}


def _dotted(node: ast.expr) -> str:
    """A name as it is written; what is no name stands for nothing."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def _calls(tree: ast.AST) -> list[tuple[ast.Call, str]]:
    """Read once for all rules."""
    return [(node, _dotted(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _is_built(node: ast.expr) -> bool:
    """Whether a text is put together: an f-string with places, +, % or format()."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


def built_statements(tree: ast.AST) -> Iterator[int]:
    """`text()` of a text that is put together: values go as bound parameters."""
    for call, name in _calls(tree):
        if name in _TEXT and call.args and _is_built(call.args[0]):
            yield call.lineno


def built_driver_statements(tree: ast.AST) -> Iterator[int]:
    """A statement that is put together and handed to the driver."""
    for call, name in _calls(tree):
        if name.rpartition(".")[2] in _RUNS_TEXT and call.args and _is_built(call.args[0]):
            yield call.lineno


def trusted_markup(tree: ast.AST) -> Iterator[int]:
    """`Markup()` of anything but a fixed text."""
    for call, name in _calls(tree):
        is_markup = name.rpartition(".")[2] == "Markup"
        if is_markup and call.args and not isinstance(call.args[0], ast.Constant):
            yield call.lineno


def chance(tree: ast.AST) -> Iterator[int]:
    """The module `random`: codes, tokens and keys come from `secrets`."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if "random" in names:
            yield node.lineno


def told_ids(tree: ast.AST) -> Iterator[int]:
    """Identifiers that tell a machine, a name or can be guessed (RFC 9562, sections 5.1, 5.3, 5.5)."""
    for call, name in _calls(tree):
        if name.rpartition(".")[2] in {"uuid1", "uuid3", "uuid5"}:
            yield call.lineno


def other_clocks(tree: ast.AST) -> Iterator[int]:
    for call, name in _calls(tree):
        if name in _NOW:
            yield call.lineno


def free_log_keys(tree: ast.AST) -> Iterator[int]:
    """A log line whose event is not a fixed text, or with a key that is not on the list of those allowed."""
    for call, name in _calls(tree):
        owner, _, level = name.rpartition(".")
        if level not in _LEVELS or owner.rpartition(".")[2] != "log":
            continue
        keys = {word.arg for word in call.keywords}
        fixed = bool(call.args) and isinstance(call.args[0], ast.Constant)
        if not fixed or not keys <= logs._ALLOWED:
            yield call.lineno


def shells(tree: ast.AST) -> Iterator[int]:
    """A command given to a shell, and what runs or loads code from data (ASVS 5.0, 1.5.2)."""
    for call, name in _calls(tree):
        by_shell = any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in call.keywords)
        if by_shell or name in {"eval", "exec", "os.system", "os.popen", "pickle.loads", "pickle.load", "yaml.load"}:
            yield call.lineno


# Each rule with the least that breaks it.
RULES: Mapping[str, tuple[Rule, str]] = {
    "statements built for text()": (built_statements, "sa.text(f'SELECT {x}')"),
    "statements built for the driver": (built_driver_statements, "c.exec_driver_sql('SELECT ' + x)"),
    "trusted markup": (trusted_markup, "Markup(words)"),
    "chance": (chance, "import random"),
    "identifiers that tell": (told_ids, "uuid.uuid1()"),
    "clocks": (other_clocks, "datetime.now()"),
    "free keys in logs": (free_log_keys, "log.info('seen', name=x)"),
    "shells and code from data": (shells, "subprocess.run(x, shell=True)"),
}

# Where a rule is broken for a reason; a line here that breaks nothing any more fails too.
REASONS: Mapping[str, Mapping[str, str]] = {
    "statements built for text()": {"biobank/access/models.py": "the condition of an index, out of our own words"},
    "statements built for the driver": {
        "biobank/backups/files.py": "the key's own hexadecimal digits, which no parameter may carry",
        "biobank/backups/server.py": "names of databases, quoted: no parameter may stand there",
        "biobank/demo/rig.py": "names of the demonstration's own databases",
        "biobank/embedded.py": "BEGIN IMMEDIATE or DEFERRED, two words of ours; the key's own hexadecimal digits",
        "biobank/devices/spool.py": "the key's own hexadecimal digits, which no parameter may carry",
        "biobank/payments/simulator/books.py": "a simulator's own tables",
    },
    "trusted markup": {
        "biobank/stations/device_pages.py": "our own template's output, escaped there",
        "biobank/stations/live.py": "our own template's output, escaped there",
        "biobank/web/languages.py": "our own words, from our own catalogue",
    },
    "identifiers that tell": {
        "biobank/measurements/fhir_observations.py": "made from a random key: the same resource has the same name",
    },
    "chance": {
        "biobank/db.py": "how long to wait before trying again",
        "biobank/demo/people.py": "made-up people, the same at every run",
        "biobank/devices/simulators": "noise of simulated devices, the same at every run",
    },
    "clocks": {"biobank/clock.py": "the only clock"},
}  # fmt: skip
