"""What the label library refuses is one of the sentences that a page can say in the reader's language."""

import json
from collections.abc import Callable

import pytest

import labels
from biobank.errors import retold
from biobank.printing.label_troubles import quoted
from labels import Adjustment, BadCode, LayoutError

GOOD = labels.template_source(labels.templates()[0])
TUBE = {"sample_code": "S123456789012"}


def changed(**more: object) -> str:
    """A good template with something in it that is wrong."""
    return json.dumps(json.loads(GOOD) | more)


def with_element(**more: object) -> str:
    first = json.loads(GOOD)["elements"][0] | more
    return changed(elements=[first])


REFUSED: dict[str, Callable[[], object]] = {
    "no JSON": lambda: labels.read_template("{"),
    "other keys": lambda: labels.read_template(changed(colour="red")),
    "a number as a list": lambda: labels.read_template(changed(elements=7)),
    "an element's type": lambda: labels.read_template(with_element(type="star")),
    "an element's key": lambda: labels.read_template(with_element(glow=1)),
    "an element's place": lambda: labels.read_template(with_element(at="here")),
    "no such template": lambda: labels.template_source("none"),
    "no such sheet": lambda: labels.load_stock("none"),
    "a sheet's keys": lambda: labels.read_stock("{}"),
    "an offset": lambda: Adjustment(x_mm=99.0),
    "no such format": lambda: labels.render(labels.templates()[0], TUBE, "bmp"),
    "no such resolution": lambda: labels.render(labels.templates()[0], TUBE, "png", 77),
    "a foreign field": lambda: labels.render(labels.templates()[0], {"name": "Ana"}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_library_refuses_can_be_said_in_another_language(what: str) -> None:
    with pytest.raises(LayoutError) as refused:
        REFUSED[what]()
    words, asked = quoted(refused.value), list[str]()

    def say(sentence: str) -> str:
        asked.append(sentence)
        return sentence

    assert retold(words, say, words.templates, words.templates) == str(refused.value)
    assert set(asked) <= set(words.templates)


def test_a_code_that_is_refused_is_quoted_by_its_own_sentence() -> None:
    problem = BadCode("The code has too few characters: %(count)s in place of %(length)s.", count=3, length=13)
    assert quoted(problem).templates == (problem.template,)
