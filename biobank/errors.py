"""What can be refused, each with words for a clerk and a code for a program."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol, Self


class Phrase(str):
    """Words of ours that stand in a table or inside a refusal: said in the reader's language, wherever they are shown.

    Also the mark by which the catalogue of words finds them. A plain string in a refusal is a name and stays as it is.
    """

    __slots__ = ()


class Quoted(str):
    """A sentence of a library of ours inside a refusal: one of `templates`, filled, said in the reader's language."""

    templates: tuple[Phrase, ...]

    def __new__(cls, text: str, templates: tuple[Phrase, ...]) -> Self:
        made = super().__new__(cls, text)
        made.templates = templates
        return made


def retold(
    text: str, say: Callable[[str], str], templates: Iterable[Phrase] = (), reasons: Iterable[Phrase] = ()
) -> str:
    """A sentence that was kept in English, said anew; as it is where it is none of ours.

    `say` gives the reader's words for one sentence. `templates` are sentences with `%(name)s` places, one of which
    may have been filled to make the text; what fills a `%(why)s` may be one of `reasons`, filled in its turn.
    """
    for template in templates:
        if found := _pattern(template).fullmatch(text):
            filled = {
                name: retold(word, say, reasons) if name == "why" else word for name, word in found.groupdict().items()
            }
            return say(template) % filled if filled else say(template)
    return say(text) if text else ""


@cache
def _pattern(template: Phrase) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)


class Explained(Protocol):
    """A problem told as a sentence with `%(name)s` places and the words that fill them."""

    @property
    def template(self) -> str: ...

    @property
    def words(self) -> Mapping[str, Any]: ...


class Refused(Exception):
    """Something was asked that cannot be done. The message says what is wrong and what to do next.

    `message` may hold `%(name)s` places that `words` fill, so that it can be translated first. `code` is stable and
    goes into `type` of an RFC 9457 problem; `details` holds what a program may need.
    """

    status = 422
    code = "refused"

    def __init__(
        self, message: str, *, code: str | None = None, details: Mapping[str, Any] | None = None, **words: Any
    ) -> None:
        super().__init__(message % words if words else message)
        self.template = message
        self.words = words
        self.code = code or self.code
        self.details = dict(details or {})

    @property
    def message(self) -> str:
        """The refusal in English; the web seam says it in the reader's language from `template` and `words`."""
        return str(self)


class Invalid(Refused):
    """The values given break a rule."""

    code = "invalid"

    @classmethod
    def of(cls, problem: Explained, *, code: str) -> Self:
        """The refusal for a problem that another library explains in words of its own."""
        words: dict[str, Any] = {
            name: Phrase(word) if isinstance(word, str) else word for name, word in problem.words.items()
        }
        return cls(problem.template, code=code, **words)


class Conflict(Refused):
    """Somebody or something else got there first, or the thing is past the step asked for."""

    status = 409
    code = "conflict"


class NotFound(Refused):
    """There is no such thing, or none that this person may know of."""

    status = 404
    code = "not-found"


class Forbidden(Refused):
    """This person may not do this."""

    status = 403
    code = "forbidden"


class NotSignedIn(Refused):
    """Nobody is signed in, or the session has ended."""

    status = 401
    code = "not-signed-in"


class TooMany(Refused):
    """Asked too often. `details["retry_after"]` says how many seconds to wait."""

    status = 429
    code = "too-many"


class UnsafeSettings(Exception):
    """The service refuses to start: a setting would put people's data at risk."""
