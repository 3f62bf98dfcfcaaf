"""Sliders for weights, beside a chart and a table that follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpi_lib.errors import InputError, needs_extra
from kpi_lib.framework.model import TOTAL, Group
from kpi_lib.locale.catalogue import messages_in, tr
from kpi_lib.locale.words import in_language, word
from kpi_lib.report.page.html import paragraphs
from kpi_lib.report.page.templating import style

with needs_extra("lab"):
    import ipywidgets as widgets

if TYPE_CHECKING:
    from kpi_lib.report.explorer import Explorer


class Panel(widgets.HBox):  # type: ignore[misc]  # ipywidgets has no types
    """Sliders for every group and indicator beside the ranks that follow them.

    Below them is a question: which weights put a city ahead of another.
    ``sliders`` are the sliders by code, ``ranking`` is the chart and the table. A slider sets the
    weight of a part beside its siblings; one for a part alone in its group would change nothing.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer, self._held = explorer, False
        self.sliders = {code: self._slider(code) for code in explorer.adjustable}
        self.ranking = widgets.HTML(layout=widgets.Layout(flex="1 1 0", min_width="0"))
        self.file = widgets.Text("weights.yaml", description=tr(explorer.lang, "File"))
        self._said = widgets.Label()
        buttons = [
            self._button(tr(explorer.lang, "Save weights"), self._save),
            self._button(tr(explorer.lang, "Framework's weights"), self._reset),
        ]
        board = explorer.board
        left = [self._section(board.framework.root), self.file, widgets.HBox(buttons)]
        left += [*self._question(), self._said]
        beside = widgets.VBox(left, layout=widgets.Layout(flex="0 0 340px"))
        super().__init__([beside, self.ranking])
        self._follow()

    def _slider(self, code: str) -> Any:
        explorer = self._explorer
        weight = explorer.plain[code]
        slider = widgets.FloatSlider(
            value=explorer.changes.get(code, weight),
            min=0,
            max=max(3.0, 3 * weight),
            step=max(weight, 1.0) / 20,
            description=code,
            tooltip=self._title(code),
            continuous_update=True,
        )
        slider.observe(lambda _: self._follow(), names="value")
        return slider

    def _button(self, text: str, done: Any) -> Any:
        button = widgets.Button(description=text)
        button.on_click(lambda _: done())
        return button

    def _follow(self) -> None:
        """Draw the ranks under the weights of the sliders."""
        if self._held:
            return
        explorer = self._explorer
        explorer.changes = {
            code: slider.value
            for code, slider in self.sliders.items()
            if slider.value != explorer.plain[code]
        }
        try:
            shown = explorer.moved()
        except InputError as error:
            shown = paragraphs(str(error)).html
        self.ranking.value = f'<div class="kpi fits">{style()}{shown}</div>'

    def _reset(self) -> None:
        self._set(self._explorer.plain)

    def _set(self, weights: Mapping[str, float]) -> None:
        """Move all sliders at once; where one ends before a weight, it is made longer."""
        self._held = True
        for code, slider in self.sliders.items():
            slider.max = max(slider.max, weights[code])
            slider.value = weights[code]
        self._held = False
        self._follow()

    def _question(self) -> list[Any]:
        """Two cities to choose, and a button that finds weights by which one is ahead."""
        explorer = self._explorer
        cities = list(explorer.result({}, draws=1).index)
        if len(cities) < 2:
            return []
        options = list(zip(explorer.names(cities), cities, strict=True))
        self.city, self.other = (
            widgets.Dropdown(options=options, value=value) for value in (cities[1], cities[0])
        )
        asked = widgets.Label(tr(explorer.lang, "Which weights put the first ahead of the second?"))
        button = self._button(tr(explorer.lang, "Find them"), self._overtake)
        return [asked, widgets.HBox([self.city, self.other, button])]

    def _overtake(self) -> None:
        explorer = self._explorer
        try:
            with messages_in(explorer.lang):
                explorer.take(explorer.overtake(self.city.value, self.other.value))
        except InputError as error:
            self._said.value = str(error)
            return
        self._said.value = ""
        self._set({**explorer.plain, **explorer.changes})

    def _save(self) -> None:
        try:
            self._said.value = str(self._explorer.save(self.file.value))
        except (InputError, OSError) as error:
            self._said.value = str(error)

    def _section(self, group: Group) -> Any:
        """The sliders of a group's parts, and those of its groups, folded."""
        rows = [
            widgets.VBox([widgets.Label(self._title(child.code)), self.sliders[child.code]])
            for child in group.children
            if child.code in self.sliders
        ]
        inner = [child for child in group.groups if self._has_sliders(child)]
        if inner:
            folded = widgets.Accordion([self._section(child) for child in inner])
            folded.selected_index = None
            for i, child in enumerate(inner):
                folded.set_title(i, self._title(child.code))
            rows.append(folded)
        return widgets.VBox(rows)

    def _has_sliders(self, group: Group) -> bool:
        return any(
            child.code in self.sliders or (isinstance(child, Group) and self._has_sliders(child))
            for child in group.children
        )

    def _title(self, code: str) -> str:
        explorer = self._explorer
        if code == TOTAL:
            return word("total", explorer.lang)
        return in_language(explorer.board.framework.node(code).title, explorer.lang)
