"""A review says what a revision changes and what it does to every city, in both languages."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from builders import DEMO, ROOT
from notebook_runs import kinds_of_output, run
from published import pci

import kpi_lib as kpi
from kpi_lib.analysis.revision import PARTS
from kpi_lib.framework.diff import diff
from kpi_lib.report.charts.revision import (
    MOST_CITIES,
    describe_changes,
    draw_changes,
    known_changes,
)
from kpi_lib.report.review import FrameworkReview, framework_review

OLD, NEW = "vn-smart-city@1.0", "vn-smart-city-revision-demo@1.1"


@pytest.fixture(scope="module", params=["vi", "en"])
def review(request: pytest.FixtureRequest) -> FrameworkReview:
    return framework_review(OLD, NEW, DEMO, None, "2024", "2025", request.param)


def test_the_demo_revision_is_what_its_script_writes(tmp_path: Path) -> None:
    script = DEMO / "make_revision.py"
    output = tmp_path / "written.yaml"
    subprocess.run([sys.executable, script, "--output", output], check=True, capture_output=True)
    written = kpi.bundled_frameworks()[NEW]
    assert output.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), (
        "run data/raw/demo/make_revision.py again"
    )


def test_the_demo_revision_changes_a_little_of_everything_and_says_that_it_is_made_up() -> None:
    old, new = kpi.load_framework(OLD), kpi.load_framework(NEW)
    difference = diff(old, new)
    told = {
        kind: {change.code for change in difference.of(kind)}
        for kind in ("added", "removed", "renamed", "moved", "reweighted")
    }
    assert told == {
        "added": {"SE.CYB.3"},
        "removed": {"QL.EDU.2"},
        "renamed": {"CO.INN.4"},
        "moved": {"CO.INN.4"},
        "reweighted": {"PS", "PS.ONL.2"},
    }
    assert new.note is not None
    for text in (*new.title.values(), *new.note.values()):
        assert text.startswith("DEMO")


def test_a_review_splits_the_change_of_every_city(
    review: FrameworkReview, demo: kpi.Scoreboard
) -> None:
    assert len(review.split.dropna()) == 12
    apart = review.split[list(PARTS)].sum(axis=1) - review.split["change"]
    assert apart.abs().max() < 1e-9
    before = demo.table("TOTAL", 2024)["score"].sort_index()
    pd.testing.assert_series_equal(review.split["score_before"], before, check_names=False)


def test_the_revision_alone_leaves_the_data_as_they_are(review: FrameworkReview) -> None:
    assert review.same_data is not None
    period, moved = review.same_data
    assert period == "2025"
    assert (moved["data"].abs() < 1e-12).all()
    assert (moved["weights"].abs() > 1e-6).any()


def test_a_renamed_indicator_is_read_under_either_code(review: FrameworkReview) -> None:
    values = [
        side.values.xs("2025", level="period")[code]
        for side, code in ((review.before, "CO.ECO.4"), (review.after, "CO.INN.4"))
    ]
    pd.testing.assert_series_equal(*values, check_names=False)
    assert values[0].notna().any()


def test_what_only_the_other_version_holds_is_passed_over(review: FrameworkReview) -> None:
    assert "QL.EDU.2" in review.before.points
    assert "QL.EDU.2" not in review.after.points


def test_every_section_is_in_the_language_of_the_review(review: FrameworkReview) -> None:
    pieces = [review.title(), review.changes(), review.scores(), review.revision_alone()]
    text = "\n".join(str(piece) for piece in [*pieces, review.causes(), review.method()])
    foreign = {
        "vi": ["Score", "Rank", "Added", "Removed", "membership", "Shapley value", "indicator"],
        "en": ["Điểm", "Thứ hạng", "Bổ sung", "trọng số", "chỉ số"],
    }[review.lang]
    assert not [word for word in foreign if word in text]
    assert "DEMO" in str(review.title())
    assert "Shapley" in str(review.method())
    assert "Đà Nẵng" in text if review.lang == "vi" else "Da Nang" in text


def test_a_code_that_passed_to_another_indicator_needs_data_of_each_version(tmp_path: Path) -> None:
    text = (
        "id: small\nversion: '{}'\ntitle: Small\nnormalise: {{method: none}}\n"
        "groups:\n  - code: A\n    title: A\n    indicators:\n"
        "      - {{code: '1', title: {}, direction: higher}}\n"
        "      - {{code: '2', title: {}, direction: higher{}}}\n"
    )
    (tmp_path / "1.yaml").write_text(text.format(1, "First", "Second", ""))
    (tmp_path / "2.yaml").write_text(text.format(2, "New", "First", ", was: '1'"))
    for year, numbers in ((2024, "40,80"), (2025, "90,40")):
        (tmp_path / f"{year}.csv").write_text(f"city,period,1,2\nX,{year},{numbers}\n")
    old, new = tmp_path / "1.yaml", tmp_path / "2.yaml"
    with pytest.raises(
        kpi.InputError, match="code 1 means 'First' in small@1 and 'New' in small@2"
    ):
        framework_review(old, new, tmp_path / "2024.csv")
    apart = framework_review(old, new, tmp_path / "2024.csv", tmp_path / "2025.csv", lang="en")
    row = apart.split.loc["X"]
    assert row["change"] == pytest.approx(5)
    assert row["membership"] == pytest.approx(5)
    assert apart.same_data is None
    assert apart.revision_alone() is None


def test_a_published_revision_is_reviewed_from_one_file(shared: Path, tmp_path: Path) -> None:
    """The file names its columns by aliases, one of which only the newer version knows."""
    table = pci(shared).query("year in (2012, 2013)")
    parts = [c for c in table if c.startswith("pci_") and table[c].notna().any()]
    columns = [c for c in parts if "weighted" not in c]
    renamed = table[["prov", "year", *columns]].rename(columns={"prov": "city", "year": "period"})
    renamed.to_csv(tmp_path / "pci.csv", index=False)
    frameworks = [f"pci@{year}" for year in (2009, 2013)]
    review = framework_review(*frameworks, tmp_path / "pci.csv", None, 2012, 2013, "en")
    assert len(review.split.dropna()) == 63
    assert review.split.at["Da Nang", "rank_before"] == 12
    assert review.split.at["Da Nang", "rank_after"] == 1
    assert "Policy bias" in str(review.changes())


def test_made_up_figures_of_either_side_make_a_demo(review: FrameworkReview) -> None:
    real = replace(review.after, observations=replace(review.after.observations, demo=False))
    for sides in ({"after": real}, {"after": real, "before": review.after}):
        assert "DEMO" in str(replace(review, **sides).title())
        assert replace(review, **sides).demo
    assert not replace(review, before=real, after=real).demo


def test_a_period_that_is_not_there_is_named() -> None:
    with pytest.raises(kpi.InputError, match="there is no period '1999'; there are: 2019"):
        framework_review(OLD, NEW, DEMO, None, "1999")


def test_many_cities_are_drawn_from_both_ends(review: FrameworkReview) -> None:
    many = pd.concat([review.split] * 4, ignore_index=True).rename_axis("city")
    many.index = pd.Index([f"c{i}" for i in many.index], name="city")
    names = pd.Series({city: f"<{city}>" for city in many.index})
    _, ax = plt.subplots()
    draw_changes(many, names, review.lang, ax)
    written = [label.get_text() for label in ax.get_yticklabels()]
    assert sum(text.startswith("<") for text in written) == MOST_CITIES
    assert describe_changes(many, names, review.lang).count("<") == 6
    assert known_changes(many.assign(data=float("nan"))).empty


def test_the_notebook_runs_as_it_is(tmp_path: Path) -> None:
    """With its default parameters, from the folder that it is in."""
    source = ROOT / "notebooks/framework_review.ipynb"
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    assert all(not c.get("outputs") and c.get("execution_count") is None for c in cells)
    ready = (ROOT / "data/processed/pci/observations-2013.csv").exists()
    data = {} if ready else {"data_old": "data/raw/pci"}
    done = run("framework_review", tmp_path / "review.ipynb", cwd=source.parent, **data)
    assert {"text/html", "image/svg+xml"} <= kinds_of_output(done)
