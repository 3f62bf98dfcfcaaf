"""A framework that scores nothing, or not everything, still shows and compares values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from builders import NAN, both, framework, group, indicator, observe, table
from commands import kpi as run

import kpi_lib as kpi
from kpi_lib.analysis.leave_out import leave_out
from kpi_lib.framework.model import Framework
from kpi_lib.locale.catalogue import Lang
from kpi_lib.report.city import CityReport
from kpi_lib.report.explorer import Explorer
from kpi_lib.report.index.overview import overview_of
from kpi_lib.report.sections import glance
from kpi_lib.report.sections.unscored import compared, needs, spread
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.indicators import lacking

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LANGUAGES: tuple[Lang, ...] = ("en", "vi")
SENTENCE = (
    "For a score, the framework file must still say for 1 indicator which values are better "
    "(direction) and for {n} indicators the values of the lowest and the highest score "
    "(goalposts)."
)


def plain(shown: object) -> str:
    """Give what is shown as text, with plain spaces."""
    return repr(shown).replace("\N{NO-BREAK SPACE}", " ")


def annex(*, scored: Sequence[str] = ()) -> Framework:
    """A framework as it comes from an annex: three indicators, only some with goalposts."""
    ends = {code: (0.0, 100.0) if code in scored else None for code in ("a1", "a2", "b1")}
    return framework(
        group(
            "A",
            indicator("a1", goalposts=ends["a1"], unit=both("%")),
            indicator("a2", goalposts=ends["a2"], unit=both("%")),
        ),
        group(
            "B",
            indicator("b1", goalposts=ends["b1"], direction="higher" if ends["b1"] else None),
        ),
        min_coverage=0.5,
    )


VALUES = {"a1": [50.0, 60.0, NAN, NAN], "a2": [20.0, 30.0, 70.0, NAN], "b1": [1.0, 1.0, 4.0, NAN]}


def board(cities: int = 4, scored: Sequence[str] = ()) -> kpi.Scoreboard:
    wide = table({code: column[:cities] for code, column in VALUES.items()})
    return kpi.score(observe(wide), annex(scored=scored))


def calls(name: str) -> Iterator[str]:
    """The methods that a notebook shows, in its order."""
    cells = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        last = "".join(cell["source"]).splitlines()[-1]
        analysis = "analysis" in cell["metadata"].get("tags", ())
        if cell["cell_type"] == "code" and "()" in last and not analysis:
            yield last.split(".")[1].split("(")[0]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("cities", "scored"), [(4, ()), (1, ()), (4, ("a1",)), (1, ("a1",))])
def test_every_part_of_every_page_can_be_made(
    cities: int, scored: Sequence[str], lang: Lang
) -> None:
    scores = board(cities, scored)
    for city in scores.latest:
        report = CityReport(CityView(scores, city, "2024", lang))
        for name in calls("city_report.ipynb"):
            shown = getattr(report, name)()
            assert shown is None or not re.search(r"\bnan\b", shown.html, re.IGNORECASE)
    for name in calls("national_overview.ipynb"):
        assert "nan" not in repr(getattr(overview_of(scores, "2024", lang), name)()).lower()


def findings(view: CityView) -> str:
    return " ".join(str(sentence) for _, sentence in glance.findings(view))


def test_one_sentence_says_what_a_score_takes() -> None:
    view = CityView(board(), "c0", "2024", "en")
    assert "No indicator is scored yet: values are shown and compared." in findings(view)
    assert SENTENCE.format(n=3) in repr(CityReport(view).values())
    assert needs(annex(scored=["a1"]), "en") == SENTENCE.format(n=2)
    assert needs(annex(scored=["a1", "a2", "b1"]), "en") == ""


def test_what_an_indicator_lacks_follows_its_normalisation() -> None:
    bare = indicator("a", goalposts=None, direction=None)
    assert lacking(bare, annex()) == ("direction", "goalposts")
    ranked = framework(group("A", bare), normalise="rank")
    assert lacking(bare, ranked) == ("direction",)
    by_target = framework(group("A", bare), normalise="target")
    assert lacking(indicator("a", goalposts=None), by_target) == ("targets",)


def test_values_are_compared_where_nothing_is_scored() -> None:
    scores = board()
    text = compared(CityView(scores, "c0", "2024", "en"))
    assert text == "The values of c0 are compared with those of 2 other cities in 3 indicators."
    found = spread(scores.framework, scores.values.xs("2024", level="period"))
    assert found.loc["a2", ["cities", "low", "median", "high"]].to_list() == [3, 20, 30, 70]
    assert found.at["a2", "highest"] == ["c2"]
    assert found.at["b1", "lowest"] == ["c0", "c1"]
    shown = plain(overview_of(scores, "2024", "en").values())
    assert "a2 | 3 | 20% (c0) | 30% | 70% (c2)" in shown
    assert "b1 | 3 | 1 (2 cities) | 1 | 4 (c2)" in shown


def test_an_only_city_has_nothing_to_be_compared_with() -> None:
    text = compared(CityView(board(1), "c0", "2024", "en"))
    assert text == "No other city has data for these indicators: there is nothing to compare with."
    overview = overview_of(board(1, ["a1"]), "2024", "en")
    assert "c0 is the only city, with a composite score of 50.0." in repr(overview.findings())


def test_the_number_of_scored_indicators_stands_beside_every_score() -> None:
    scores = board(scored=["a1"])
    report = CityReport(CityView(scores, "c0", "2024", "en"))
    assert "1 of 3 indicators scored" in report.glance().html
    parts = report.parts()
    assert parts is not None
    assert "1 of 2 indicators scored" in parts.html
    overview = overview_of(scores, "2024", "en")
    assert "1 of 3 indicators scored." in repr(overview.findings())
    vietnamese = CityReport(CityView(scores, "c0", "2024", "vi")).glance().html
    assert "1 trong 3 chỉ số được tính điểm" in vietnamese


def test_where_all_are_scored_their_number_is_not_repeated() -> None:
    scores = board(scored=["a1", "a2", "b1"])
    report = CityReport(CityView(scores, "c0", "2024", "en"))
    assert "indicators scored" not in report.glance().html + str(report.parts())
    assert overview_of(scores, "2024", "en").values() is None


def test_a_city_without_any_scored_value_is_told_what_counts() -> None:
    text = findings(CityView(board(scored=["a1"]), "c2", "2024", "en"))
    assert "There is no composite score: data cover 0% of the framework's weight" in text
    assert "2 of 3 indicators have data." in text
    assert "Only indicators that can be scored have weight: 1 of 3." in text


def test_sliders_are_shown_where_there_is_nothing_to_rank() -> None:
    text = repr(Explorer(board(), "2024", "en").listing())
    assert text.startswith("No indicator of this framework can be scored yet")
    Explorer(board(), "2024", "en").show()


def test_leaving_parts_out_of_a_framework_of_one_scored_indicator_gives_an_empty_table() -> None:
    wide = table({"a1": [1.0, 2.0, 3.0], "a2": [1.0, 2.0, 3.0], "b1": [1.0, 2.0, 3.0]})
    summary = leave_out(kpi.score(observe(wide), annex(scored=["a1"])), "2024").summary()
    assert summary.empty
    assert "mean_move" in summary.columns


YAML = """
id: annex
version: "1"
title: {vi: Phụ lục, en: Annex}
groups:
  - code: A
    title: {vi: Nhóm A, en: Group A}
    indicators:
      - {code: a1, title: {vi: Một, en: One}, unit: "%", direction: higher}
"""


def test_commands_say_what_is_missing_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(YAML, encoding="utf-8")
    Path("d.csv").write_text("city,period,a1\nx,2025,1\ny,2025,2\n", encoding="utf-8")
    audit = run("audit", "d.csv", "-f", "f.yaml")
    assert audit.exit_code == 1
    assert "an audit needs 3 or more" in audit.output
    assert "(goalposts)" in audit.output
    ranks = run("robustness", "d.csv", "-f", "f.yaml", "--draws", "10")
    assert ranks.exit_code == 0
    assert "nothing is ranked" in ranks.output
    shown = run("score", "d.csv", "-f", "f.yaml")
    assert "No indicator of this framework can be scored yet" in shown.output
