"""The label commands: render a label or a sheet of them, draw a code, check a code."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labels import cli_sheet
from labels.codes import BadCode, Kind, mint, parse
from labels.device import PROFILES
from labels.elements import ALLOWED_FIELDS
from labels.errors import LayoutError, UnknownStock, UnknownTemplate
from labels.rendering import FORMATS, REMARKS, render
from labels.template import templates

OK, REFUSED, USAGE = 0, 1, 2

_RENDER_EXAMPLE = """\
  echo '{"tube_id": "S123456789050", "participant_code": "P123456789006"}' > tube.json
  python -m labels render --template tube-50x25 --data tube.json --format zpl --dpi 300 -o tube.zpl"""
_CODE_EXAMPLE = "  python -m labels code tube"
_CHECK_EXAMPLE = '  python -m labels check "S 12345 67890 50"'
_AddParser = Callable[..., argparse.ArgumentParser]
_FIELDS = ", ".join(sorted(ALLOWED_FIELDS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it did what was asked, 1 if the data was refused, 2 if the command was misused."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
    except (UnknownTemplate, UnknownStock, OSError) as error:
        return _complain(error, USAGE)
    except ValueError as error:
        return _complain(error, REFUSED)
    return result


def _render(options: argparse.Namespace) -> int:
    label = render(options.template, _read_data(options.data), options.format, options.dpi)
    if options.output == "-":
        sys.stdout.buffer.write(label)
        return OK
    Path(options.output).write_bytes(label)
    if options.json:
        facts = {"template": options.template, "format": options.format, "bytes": len(label)}
        print(json.dumps(facts | ({"remark": REMARKS[options.format]} if options.format in REMARKS else {})))
    elif options.format in REMARKS:
        print(REMARKS[options.format], file=sys.stderr)
    return OK


def _code(options: argparse.Namespace) -> int:
    code = parse(mint(options.kind))
    _report(options, code.text, {"code": code.text, "grouped": code.grouped, "kind": code.kind.word})
    return OK


def _check(options: argparse.Namespace) -> int:
    try:
        code = parse("".join(options.code))
    except BadCode as error:
        if options.json:
            print(json.dumps({"valid": False, "reason": str(error)}))
            return REFUSED
        raise
    _report(options, f"{code.grouped} ({code.kind.word})", {"valid": True, "code": code.text, "kind": code.kind.word})
    return OK


def _report(options: argparse.Namespace, words: str, facts: dict[str, Any]) -> None:
    print(json.dumps(facts) if options.json else words)


def _complain(error: Exception, status: int) -> int:
    print(error, file=sys.stderr)
    return status


def _read_data(name: str) -> dict[str, str]:
    content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{name} is not JSON: {error}. Correct the file and render again.") from error
    if not isinstance(data, dict):
        raise LayoutError(f"{name} must hold one JSON object with the label's fields.")
    return {key: value for key, value in data.items() if value is not None}


def _kind(text: str) -> Kind:
    try:
        return Kind.named(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labels",
        description="Draw and check codes, and render labels.",
        epilog=f"examples:\n{_RENDER_EXAMPLE}\n{cli_sheet.EXAMPLE}\n{_CODE_EXAMPLE}\n{_CHECK_EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_render(commands.add_parser)
    sheet = _add(commands.add_parser, "sheet", about=cli_sheet.ABOUT, example=cli_sheet.EXAMPLE, run=cli_sheet.run)
    cli_sheet.add_arguments(sheet)
    code = _add(commands.add_parser, "code", about="Draw a new code at random.", example=_CODE_EXAMPLE, run=_code)
    code.add_argument("kind", metavar="KIND", type=_kind, help=", ".join(f"{kind} ({kind.word})" for kind in Kind))
    check = _add(commands.add_parser, "check", about="Say whether a code is whole.", example=_CHECK_EXAMPLE, run=_check)
    check.add_argument("code", metavar="CODE", nargs="+", help="as scanned or typed; spaces and hyphens do not matter")
    return parser


def _add_render(add_parser: _AddParser) -> None:
    parser = _add(add_parser, "render", about="Render one label.", example=_RENDER_EXAMPLE, run=_render)
    parser.add_argument("--template", required=True, metavar="ID", help=", ".join(templates()))
    parser.add_argument(
        "--data", required=True, metavar="FILE", help=f"JSON with the fields {_FIELDS}; - reads the input"
    )
    parser.add_argument("--format", choices=list(FORMATS), default="png")
    parser.add_argument("--dpi", type=int, choices=list(PROFILES), default=203)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="- writes to the output")


def _add(
    add_parser: _AddParser, name: str, *, about: str, example: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.set_defaults(run=run)
    return parser
