"""What a typed word must never become is noticed, in each kind of answer; what stays a word is let be."""

import pytest

from tests.fuzz.sinks import CORPUS, MARK, WORDS, Markup, formulas, printed_commands


def test_the_corpus_holds_two_hundred_words_of_every_kind() -> None:
    assert len(set(WORDS)) >= 200
    assert set(CORPUS) >= {"html", "sql", "csv", "label", "header", "log", "template", "path", "unicode"}


@pytest.mark.parametrize("html", [f"<p><{MARK}></p>", f"<a href='javascript:{MARK}()'>", f"<i onclick='{MARK}()'>",
                                  f"<script>{MARK}</script>", f"<!-- {MARK} -->"])  # fmt: skip
def test_a_word_that_became_markup_is_noticed(html: str) -> None:
    assert Markup(html).broken != []


def test_a_word_that_stays_text_is_not_noticed() -> None:
    assert Markup(f'<p title="&lt;{MARK}&gt;">&lt;script&gt;{MARK}</p><input value="{MARK}">').broken == []


def test_a_cell_that_became_a_formula_is_noticed() -> None:
    assert list(formulas(f"a,={MARK}\r\n")) != []
    assert list(formulas(f"a,'={MARK}\r\n")) == []


def test_a_printers_command_before_a_word_is_noticed() -> None:
    assert printed_commands(f"^XA^FD{MARK}^XZ".encode()) != []
    assert printed_commands(f"{MARK} and nothing else".encode()) == []
