"""What a donor is told of their samples, in words and in both languages."""

import pytest

from biobank.specimens import tubes
from biobank.specimens.own_records import _shown


def test_each_tube_of_each_set_says_what_is_in_it_in_both_languages() -> None:
    told = [_shown(version, code) for version in tubes.available() for code in tubes.load(version).tubes]
    assert {words["es"].partition(",")[0] for words in told} == {"sangre", "orina", "saliva"}


@pytest.mark.parametrize(("tongue", "words"), [("en", "blood, 8 mL SST"), ("es", "sangre, SST de 8 mL")])
def test_a_tube_is_called_by_what_is_in_it_and_by_its_name(tongue: str, words: str) -> None:
    assert _shown("3.2", "1SS08")[tongue] == words
