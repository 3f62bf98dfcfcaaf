"""Catalogues: which language is chosen, by whom, and what is said where a text is missing."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from builders import ROOT

from kpi_lib.errors import InputError, Problem, check_language, did_you_mean
from kpi_lib.locale.catalogue import chosen_language, either, languages, messages_in, msg, tr, tr_n


def test_kpi_lang_and_the_locale_choose_the_language_of_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen_language.cache_clear()
    monkeypatch.setenv("KPI_LANG", "vi_VN.UTF-8")
    assert chosen_language() == "vi"
    chosen_language.cache_clear()
    monkeypatch.setenv("KPI_LANG", "xx")
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert chosen_language() == "vi"
    chosen_language.cache_clear()
    assert chosen_language("en") == "en"
    monkeypatch.setenv("LC_ALL", "C")
    chosen_language.cache_clear()
    assert chosen_language() == "en"
    chosen_language.cache_clear()


def test_the_language_of_one_task_is_not_that_of_another() -> None:
    """Threads that take turns, as a cluster's do, keep each to its own."""
    heard: dict[str, set[str]] = {"vi": set(), "en": set()}
    barrier = threading.Barrier(2)

    def speak(lang: str) -> None:
        with messages_in(lang):
            for _ in range(200):
                barrier.wait()
                heard[lang].add(str(Problem(msg("error"), row=3)))

    threads = [threading.Thread(target=speak, args=(lang,)) for lang in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"vi": {"dòng 3: lỗi"}, "en": {"row 3: error"}}


def test_alternatives_are_joined_in_the_language_of_messages() -> None:
    for lang, expected in (("en", "a, b or c"), ("vi", "a, b hoặc c")):
        with messages_in(lang):
            assert [either("a"), either("abc")] == ["a", expected]
    with messages_in("vi"):
        assert did_you_mean("lowet", ["lower", "lowest"]) == (
            "Có phải ý bạn là 'lowest' hoặc 'lower'?"
        )


def test_a_text_that_a_catalogue_lacks_stands_in_english() -> None:
    assert tr("vi", "no such text in {place}", place="here") == "no such text in here"
    assert tr_n("vi", "{n} thing of no catalogue", "{n} things of no catalogue", 2, n=2) == (
        "2 things of no catalogue"
    )


def test_catalogues_hold_every_text_of_the_code() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "catalogues.py", "check"],
        capture_output=True,
        text=True,
        check=False,
    )
    # Catalogues that are being filled in are counted.
    assert "vi.po" not in told.stdout
    assert told.returncode == 0


def test_an_unknown_language_is_answered_with_those_there_are() -> None:
    with pytest.raises(InputError, match=f"choose one of: {', '.join(languages())}"):
        check_language("xx")


def test_the_locale_chooses_where_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the variables alone: the locale itself need not be installed."""
    for name in ("KPI_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for lang, expected in (("vi_VN.UTF-8", "vi"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "en")):
        monkeypatch.setenv("LANG", lang)
        chosen_language.cache_clear()
        assert chosen_language() == expected
    chosen_language.cache_clear()
