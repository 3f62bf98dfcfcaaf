"""Pages say what was chosen, and those of other choices or of another project do not mix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import DEMO

import kpi_lib as kpi
from kpi_lib.batch.files.seal import inputs_mark, write_sealed
from kpi_lib.batch.fingerprint import changed
from kpi_lib.batch.plan import Batch, due, plan
from kpi_lib.observations.project.file import Project
from kpi_lib.scoring.score import with_methods

FRAMEWORK = "vn-smart-city@1.0"
NAMES = {"framework": FRAMEWORK, "data": str(DEMO)}


def planned(board: kpi.Scoreboard, output: Path, *cities: str) -> Batch:
    return plan(board, NAMES, output, cities=cities, lang="en")


def lay_down(batch: Batch) -> None:
    """Pages and notebooks as a run leaves them, as far as the next run looks at them."""
    for job in batch.jobs:
        head = inputs_mark(job.inputs) + '<meta name="viewport">'
        write_sealed(batch.folder, job.page.name, head, {job.notebook.name: "{}"})


def tried(demo: kpi.Scoreboard) -> kpi.Scoreboard:
    return kpi.score(demo.observations, demo.framework, weights={"PS": 3.0}, missing="worst")


def of_project(demo: kpi.Scoreboard, name: str) -> kpi.Scoreboard:
    return replace(demo, observations=replace(demo.observations, project=Project(id=name)))


def test_pages_of_other_choices_are_made_again_for_that_reason(
    demo: kpi.Scoreboard, tmp_path: Path
) -> None:
    lay_down(planned(demo, tmp_path))
    assert due(planned(demo, tmp_path)) == {}
    why = due(planned(tried(demo), tmp_path))
    assert set(map(tuple, why.values())) == {("choices",)}
    assert len(why) == len(demo.latest)


def test_a_page_of_other_choices_is_not_put_beside_those_that_stay(
    demo: kpi.Scoreboard, tmp_path: Path
) -> None:
    lay_down(planned(demo, tmp_path))
    with pytest.raises(kpi.InputError, match="other weights, methods or peers"):
        planned(tried(demo), tmp_path, "hue")
    assert due(planned(demo, tmp_path, "hue")) == {}


def test_another_project_is_kept_out_of_a_folder(demo: kpi.Scoreboard, tmp_path: Path) -> None:
    lay_down(planned(of_project(demo, "one"), tmp_path))
    with pytest.raises(kpi.InputError, match=r"another project \('one'; this one is 'two'\)"):
        planned(of_project(demo, "two"), tmp_path)
    assert due(planned(of_project(demo, "one"), tmp_path)) == {}


@pytest.mark.parametrize(
    "said",
    [{"title": {"en": "X"}}, {"footer": {"en": "X"}}, {"words": {"en": "x"}}, {"logo": "data:x"}],
)
def test_all_that_a_project_says_is_what_its_pages_depend_on(
    demo: kpi.Scoreboard, tmp_path: Path, said: dict[str, object]
) -> None:
    project = Project(**said)  # type: ignore[arg-type]
    other = replace(demo, observations=replace(demo.observations, project=project))
    before, now = (planned(each, tmp_path).jobs[0].inputs for each in (demo, other))
    assert changed(before, now) == ["look"]


def test_what_was_chosen_is_said_at_the_top_with_what_it_stands_for(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("choices:\n  - {vary: missing, among: [rescale, worst]}\n", encoding="utf-8")
    chosen = {"aggregate": "power:p=0.5", "missing": "zero", "spec": spec}
    report = kpi.city_report("hue", 2025, FRAMEWORK, DEMO, "en", **chosen)  # type: ignore[arg-type]
    top = " ".join(map(str, report.title().sentences))
    assert "weighted power mean (p = 0.5) (framework: weighted arithmetic mean)" in top
    assert "a missing value scores 0 (framework: missing values are left out" in top
    assert "Policy for missing values is one of: rescale, worst" in top
    assert "weights other than" not in top
    told = report.method().html
    assert "±25" not in told
    assert "90% of draws" in told


def test_scores_by_chosen_methods_are_those_of_python_and_are_kept_apart() -> None:
    chosen = {"normalise": "minmax", "aggregate": "power:p=0.5", "missing": "worst"}
    board = kpi.scoreboard(DEMO, FRAMEWORK, **chosen)  # type: ignore[arg-type]
    plain = kpi.scoreboard(DEMO, FRAMEWORK)
    kept = kpi.scoreboard(DEMO, FRAMEWORK, **chosen)  # type: ignore[arg-type]
    assert kept is not board
    again = kpi.score(
        DEMO,
        FRAMEWORK,
        normalise="minmax",
        aggregate={"method": "power", "p": 0.5},
        missing="worst",
    )
    for each in (board, kept):
        pd.testing.assert_frame_equal(each.points, again.points)
        assert each.issued is not None
        assert each.issued.fingerprint == plain.framework.fingerprint
    assert not plain.points.equals(again.points)
    assert with_methods(plain.framework, "minmax", "power:p=0.5", "worst") == again.framework
