"""Waiting for what is committed: woken at once, in few places, never for ever."""

import threading

import pytest

from biobank.web.news import Heard, News

LONG = 15


def never() -> bool:
    return False


def test_what_is_there_already_is_not_waited_for() -> None:
    assert News(1).wait(lambda: True, 0) is Heard.NEWS


def test_a_commit_wakes_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biobank.web.news.LOOK_SECONDS", LONG)
    news, looked, stored, heard = News(1), threading.Event(), threading.Event(), []

    def look() -> bool:
        looked.set()
        return stored.is_set()

    waiting = threading.Thread(target=lambda: heard.append(news.wait(look, LONG)))
    waiting.start()
    looked.wait(LONG)
    stored.set()
    news.tell()
    waiting.join(LONG / 2)
    assert heard == [Heard.NEWS]


def test_what_another_process_commits_is_looked_for() -> None:
    looks = iter([False, False, True])
    assert News(1).wait(lambda: next(looks), LONG) is Heard.NEWS


def test_a_commit_between_the_look_and_the_wait_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biobank.web.news.LOOK_SECONDS", LONG)
    news, looks = News(1), iter([False, True])

    def look() -> bool:
        found = next(looks)
        if not found:
            news.tell()
        return found

    assert news.wait(look, LONG) is Heard.NEWS


def test_waiting_in_vain_ends() -> None:
    assert News(1).wait(never, 0) is Heard.NOTHING


def test_whoever_is_gone_is_not_waited_for() -> None:
    assert News(1).wait(never, LONG, is_gone=lambda: True) is Heard.NOTHING


def test_nobody_is_kept_when_the_process_ends() -> None:
    news = News(1)
    news.close()
    assert news.wait(never, LONG) is Heard.NOTHING


def test_beyond_its_places_nobody_waits() -> None:
    news, inner = News(1), []
    news.wait(lambda: bool(inner.append(news.wait(never, LONG)) or True), LONG)
    assert inner == [Heard.FULL]


def test_a_place_is_free_again_after_a_failure() -> None:
    news = News(1)
    with pytest.raises(ZeroDivisionError):
        news.wait(lambda: bool(1 // 0), LONG)
    assert news.wait(lambda: True, 0) is Heard.NEWS
