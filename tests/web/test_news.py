"""Waiting for what is committed: woken at once, in few places, never for ever."""

import threading

import pytest

from biobank.web.news import Heard, News, Who

LONG = 15


def never() -> bool:
    return False


def test_what_is_there_already_is_not_waited_for() -> None:
    assert News({Who.PAGE: 1}).wait(Who.PAGE, lambda: True, 0) is Heard.NEWS


def test_a_commit_wakes_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biobank.web.news.LOOK_SECONDS", LONG)
    news, looked, stored, heard = News({Who.PAGE: 1}), threading.Event(), threading.Event(), []

    def look() -> bool:
        looked.set()
        return stored.is_set()

    waiting = threading.Thread(target=lambda: heard.append(news.wait(Who.PAGE, look, LONG)))
    waiting.start()
    looked.wait(LONG)
    stored.set()
    news.tell()
    waiting.join(LONG / 2)
    assert heard == [Heard.NEWS]


def test_what_another_process_commits_is_looked_for() -> None:
    looks = iter([False, False, True])
    assert News({Who.PAGE: 1}).wait(Who.PAGE, lambda: next(looks), LONG) is Heard.NEWS


def test_a_commit_between_the_look_and_the_wait_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biobank.web.news.LOOK_SECONDS", LONG)
    news, looks = News({Who.PAGE: 1}), iter([False, True])

    def look() -> bool:
        found = next(looks)
        if not found:
            news.tell()
        return found

    assert news.wait(Who.PAGE, look, LONG) is Heard.NEWS


def test_waiting_in_vain_ends() -> None:
    assert News({Who.PAGE: 1}).wait(Who.PAGE, never, 0) is Heard.NOTHING


def test_whoever_is_gone_is_not_waited_for() -> None:
    assert News({Who.PAGE: 1}).wait(Who.PAGE, never, LONG, is_gone=lambda: True) is Heard.NOTHING


def test_nobody_is_kept_when_the_process_ends() -> None:
    news = News({Who.PAGE: 1})
    news.close()
    assert news.wait(Who.PAGE, never, LONG) is Heard.NOTHING


def test_beyond_its_places_nobody_waits() -> None:
    news, inner = News({Who.PAGE: 1}), []
    news.wait(Who.PAGE, lambda: bool(inner.append(news.wait(Who.PAGE, never, LONG)) or True), LONG)
    assert inner == [Heard.FULL]


def test_a_place_is_free_again_after_a_failure() -> None:
    news = News({Who.PAGE: 1})
    with pytest.raises(ZeroDivisionError):
        news.wait(Who.PAGE, lambda: bool(1 // 0), LONG)
    assert news.wait(Who.PAGE, lambda: True, 0) is Heard.NEWS
