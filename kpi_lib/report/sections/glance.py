"""The page at one glance: title, headline figures, and three sentences."""

from __future__ import annotations

import pandas as pd

from kpi_lib.analysis.what_if import leverage
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import mark, mark_n, tr, tr_in
from kpi_lib.locale.words import amount, in_language, listed, number, percent, period_name
from kpi_lib.observations.quality import not_final
from kpi_lib.report.page.piece import Piece
from kpi_lib.report.page.sentences import Named, Sentence, said, said_n, together
from kpi_lib.report.page.templating import render
from kpi_lib.report.sections.about import among, extract_said, instead, origin
from kpi_lib.report.sections.changes import change_since
from kpi_lib.report.sections.levels import reached
from kpi_lib.report.sections.methods import relative_said
from kpi_lib.report.sections.points import review
from kpi_lib.report.sections.sureness import much
from kpi_lib.report.view import named
from kpi_lib.report.view.city import CityView

_NOT_FINAL = {
    "provisional": mark_n("{n} is provisional", "{n} are provisional"),
    "estimated": mark_n("{n} is estimated", "{n} are estimated"),
    "imputed": mark_n("{n} is imputed", "{n} are imputed"),
}


_ALL_NOT_FINAL = {
    "provisional": mark("All {n} values are provisional."),
    "estimated": mark("All {n} values are estimated."),
    "imputed": mark("All {n} values are imputed."),
}


_SUPPLY = mark(
    "Supply the data that are missing, “{title}” first: it has {weight} of the whole weight."
    "{agency}"
)
_SUPPLY_WHAT_IS_SCORED = mark(
    "Supply the data that are missing, “{title}” first: of the weight of what can be scored it has "
    "{weight}.{agency}"
)


_TITLES = 3


def title(view: CityView) -> Piece:
    """The title of the page, under what limits it."""
    limits, kicker = _limits(view), view.board.framework.report_title(view.lang)
    html = render(
        "sections/title.html.j2",
        view.lang,
        limits=limits,
        kicker=kicker,
        period=period_name(view.period, view.lang),
        name=view.name,
        origin=origin(view.board, view.lang, view.period),
        demo=view.board.observations.demo,
    )
    facts = {"city": view.city, "name": view.name, "period": view.period}
    return Piece(pd.DataFrame([facts]), html, limits, text=f"{kicker}: {view.name} – {view.period}")


def _limits(view: CityView) -> list[Sentence]:
    """What limits the page: made-up figures, an extract, what was chosen, what is not final."""
    found = []
    if view.board.observations.demo:
        found.append(
            said(view.lang, "DEMO: every figure on this page is made up for illustration.")
        )
    kept = (extract_said(view.board, view.lang), review(view))
    extract, reviewed = ([each] if each else [] for each in kept)
    chosen = [Sentence(text, {}) for text in instead(view.board, view.lang)]
    return [*found, *extract, *chosen, *_not_final(view), *reviewed]


def _not_final(view: CityView) -> list[Sentence]:
    """Count the values that are provisional, estimated or imputed, and those not yet verified."""
    given = view.rows[view.rows["value"].notna()]
    kinds = given["quality"].map(not_final).value_counts()
    clauses = [
        said_n(view.lang, one, other, int(kinds[kind]), n=named.count(view, kinds[kind], kind))
        for kind, (one, other) in _NOT_FINAL.items()
        if kind in kinds
    ]
    if not clauses:
        return []
    if len(clauses) == 1 and kinds.max() == len(given) > 1:
        kind = str(kinds.idxmax())
        n = named.count(view, len(given), kind)
        return [said(view.lang, _ALL_NOT_FINAL[kind], n=n)]
    joined = listed([str(clause) for clause in clauses], view.lang)
    values = {f"{k}_{i}": v for i, clause in enumerate(clauses) for k, v in clause.values.items()}
    whole = said(
        view.lang,
        "Of {n} values, {clauses}.",
        n=named.count(view, len(given), "values"),
        clauses=Sentence(joined, values),
    )
    return [whole]


def data(view: CityView) -> pd.DataFrame:
    """The headline figures: one row.

    Columns: ``score``, ``maximum`` (where scores are points), ``rank``, ``rank_low`` and
    ``rank_high`` (the interval that holds 90 % of draws of the weights), ``rank_stays`` (share of
    draws, 0–1), ``ranked`` (how many have a score), ``peer_rank``, ``peers_ranked``, ``change``
    (of the score, on the indicators of both periods) since the period ``before``, ``coverage``
    (0–1), ``observed`` and ``indicators`` (how many have a value, and how many apply),
    ``level`` (reached) of ``levels``.
    """
    low, high, same = view.interval or (None, None, None)
    level = reached(view)
    return pd.DataFrame(
        [
            {
                "score": view.points[TOTAL],
                "maximum": None if view.maximum is None else view.maximum[TOTAL],
                "rank": view.ranks[TOTAL],
                "rank_low": low,
                "rank_high": high,
                "rank_stays": same,
                "ranked": view.ranked(),
                "peer_rank": view.peer_ranks.get(TOTAL),
                "peers_ranked": view.peers_ranked(TOTAL),
                "before": view.before.period if view.before else None,
                "change": _change(view),
                "coverage": view.coverage[TOTAL],
                "observed": len(view.observed),
                "indicators": len(view.applying),
                "level": level.at if level else None,
                "levels": level.of if level else None,
            }
        ],
        index=pd.Index([view.city], name="city"),
    )


def piece(view: CityView) -> Piece:
    """Headline figures and the three sentences under them."""
    found = data(view)
    row = found.iloc[0].to_dict()
    sentences = findings(view)
    level = reached(view)
    html = render(
        "sections/glance.html.j2",
        view.lang,
        row=row,
        scored=pd.notna(row["score"]),
        score=view.total(),
        of=_of(view),
        grade=view.scored_class(),
        counted=view.scored_text(),
        ranked=view.ranked(),
        observed=named.count(view, len(view.observed), "observed"),
        indicators=named.count(view, len(view.applying), "indicators"),
        nouns=view.noun(view.ranked()),
        before=period_name(view.before.period, view.lang) if view.before else "",
        change=None if row["change"] is None else view.change(row["change"]),
        good=_sign(view, row["change"]),
        coverage=percent(float(row["coverage"]), view.lang)
        if named.known(row["coverage"])
        else "–",
        level=level,
        findings=sentences,
    )
    return Piece(found, html, [sentence for _, sentence in sentences])


def _of(view: CityView) -> str:
    """Out of how much a score is, where the scale has an end and is printed as it is."""
    if view.top is None or view.board.framework.shown not in {None, "points"}:
        return ""
    return amount(view.top, view.lang)


def _change(view: CityView) -> float | None:
    """Change since the period before on the indicators of both; None where there is none."""
    if view.before is None or pd.isna(view.before.points[TOTAL]) or pd.isna(view.points[TOTAL]):
        return None
    like = change_since(view, view.before.period).total["like"]
    return None if pd.isna(like) else float(like)


def _sign(view: CityView, change: float | None) -> int:
    if change is None or view.score(abs(change)) == view.score(0.0):
        return 0
    return 1 if change > 0 else -1


def findings(view: CityView) -> list[tuple[str, Sentence]]:
    """Where the city stands, what to do first, what limits the figures; each with its label."""
    lang = view.lang
    return [
        (label, sentence)
        for label, sentence in (
            (tr(lang, "Where it stands"), _stands(view)),
            (tr(lang, "What to do first"), _first(view)),
            (tr(lang, "What to bear in mind"), _caution(view)),
        )
        if sentence.text
    ]


def _stands(view: CityView) -> Sentence:
    if not view.observed:
        return said_n(
            view.lang,
            "{name} has no data for {period}: the one indicator is empty.",
            "{name} has no data for {period}: all {n} indicators are empty.",
            len(view.absent),
            name=view.name,
            period=named.period(view),
            n=named.count(view, len(view.absent), "absent"),
        )
    if pd.isna(view.points[TOTAL]):
        return _without_total(view)
    return together([_place(view), _national(view), _extremes(view)])


def _without_total(view: CityView) -> Sentence:
    if not view.scored:
        return said(view.lang, "No indicator is scored yet: values are shown and compared.")
    needed = view.board.framework.missing.min_coverage
    if view.board.framework.missing.policy == "strict":
        needed = 1.0
    why = said(
        view.lang,
        "There is no composite score: data cover {have} of the framework's weight, and at least "
        "{least} is needed. {seen} of {all_of} indicators have data.",
        have=named.share(view, float(view.coverage[TOTAL]), "coverage"),
        least=named.share(view, needed, "min coverage"),
        seen=named.count(view, len(view.observed), "observed"),
        all_of=named.count(view, len(view.applying), "indicators"),
    )
    count = view.scored_of()
    if count is None:
        return why
    some = said(
        view.lang,
        "Only indicators that can be scored have weight: {n} of {all_of}.",
        n=named.count(view, len(view.scored), "scored indicators"),
        all_of=named.count(view, count[1], "indicators"),
    )
    return together([why, some])


def _place(view: CityView) -> Sentence:
    facts: dict[str, Named | str] = {
        "name": view.name,
        "rank": named.nth(view),
        "n": named.ranked(view),
        "nouns": among(view.board, view.lang, view.ranked()),
    }
    if view.ranked() == 1:
        return said(
            view.lang,
            "{name} is the only one with a score: it is compared with nobody.",
            name=view.name,
        )
    if view.peer_group is None or pd.isna(view.peer_ranks.get(TOTAL)):
        return said(view.lang, "{name} ranks {rank} of {n} {nouns}.", **facts)
    return said(
        view.lang,
        "{name} ranks {rank} of {n} {nouns}, and {peer_rank} of {peers} among its peers ({group}).",
        peer_rank=named.peer_rank(view),
        peers=named.peers_ranked(view),
        group=view.peer_group.label,
        **facts,
    )


def _national(view: CityView) -> Sentence | None:
    """The score under the national framework alone, where something local is added."""
    if view.national is None or pd.isna(view.national.points[TOTAL]):
        return None
    own = view.national
    return said(
        view.lang,
        "Under the national framework {framework} alone it scores {score} and ranks {rank} of {n}.",
        framework=own.board.framework.name,
        score=Named(own.total(), float(own.points[TOTAL]), "national score"),
        rank=Named(str(int(own.ranks[TOTAL])), int(own.ranks[TOTAL]), "national rank"),
        n=Named(number(own.ranked(), view.lang, 0), own.ranked(), "national ranked"),
    )


def _extremes(view: CityView) -> Sentence | None:
    """Best and weakest part beside the others: by the distance to their median."""
    most = view.maximum
    codes = [node.code for node in view.objectives if most is None or most[node.code] > 0]
    ahead = (view.compared.points[codes] - view.compared.medians[codes]).dropna()
    if view.ranked() < 3 or len(ahead) < 2 or ahead.max() == ahead.min():
        return None
    best, worst = view.title(str(ahead.idxmax())), view.title(str(ahead.idxmin()))
    return said(
        view.lang,
        "Against the others it does best in “{best}” and worst in “{worst}”.",
        best=best,
        worst=worst,
    )


def _first(view: CityView) -> Sentence:
    """What brings the most: the target worth most, else the data worth most."""
    gains = view.target_gains.dropna()
    gains = gains[gains > 0]
    if not gains.empty:
        return _reach(view, str(gains.index[0]), float(gains.iloc[0]))
    absent = leverage(view.board, view.city, view.period)
    if not absent.empty:
        code = str(absent.index[0])
        return said(
            view.lang,
            _SUPPLY if view.scored_of() is None else _SUPPLY_WHAT_IS_SCORED,
            title=view.title(code),
            weight=named.share(view, float(absent["weight"].iloc[0]), "weight"),
            agency=_agency(view, code),
        )
    return Sentence("", {})


def _reach(view: CityView, code: str, points: float) -> Sentence:
    return said(
        view.lang,
        "Bring “{title}” from {value} to its target of {target}: that adds {gain} points to the "
        "composite score.{agency}",
        title=view.title(code),
        value=named.value(view, code),
        target=named.target(view, code),
        gain=named.gain(view, code, points),
        agency=_agency(view, code),
    )


def _agency(view: CityView, code: str) -> str:
    agency = in_language(view.indicator(code).agency, view.lang)
    return " " + tr(view.lang, "In charge: {agency}.", agency=agency) if agency else ""


def _caution(view: CityView) -> Sentence:
    """How far the rank depends on the weights, what data are missing, and what else changed."""
    relative = "" if view.before is None else relative_said(view.board.framework, view.lang)
    told = Sentence(relative, {})
    return together([_sureness(view), _gaps_in_data(view), _other_indicators(view), told])


def _other_indicators(view: CityView) -> Sentence | None:
    """What of a change comes from indicators that only one of the two periods has."""
    if view.before is None or _change(view) is None:
        return None
    change = change_since(view, view.before.period)
    if not change.differs:
        return None
    told = change.total

    def moved(key: str) -> Named:
        return Named(view.change(told[key]), told[key], f"change {key}")

    clauses = []
    for key, codes, text in (
        ("left", change.left, mark("{points} as these no longer count: {titles}")),
        ("entered", change.entered, mark("{points} as these now count: {titles}")),
    ):
        if codes:
            titles = [f"“{view.title(code)}”" for code in codes[:_TITLES]]
            more = [tr(view.lang, "{n} more", n=len(codes) - _TITLES)] * (len(codes) > _TITLES)
            clauses.append(
                said(view.lang, text, points=moved(key), titles=listed([*titles, *more], view.lang))
            )
    values = {f"{k}_{i}": v for i, each in enumerate(clauses) for k, v in each.values.items()}
    return said(
        view.lang,
        "Against {period} the score moved by {whole} in all: {like} on the indicators of both "
        "periods, {rest}.",
        period=period_name(view.before.period, view.lang),
        whole=moved("change"),
        like=moved("like"),
        rest=Sentence(listed([str(each) for each in clauses], view.lang), values),
    )


def _sureness(view: CityView) -> Sentence | None:
    if view.interval is None:
        return None
    low, high, same = view.interval
    facts = {
        "low": Named(str(low), low, "rank low"),
        "high": Named(str(high), high, "rank high"),
    }
    if view.board.spec is not None:
        if low == high:
            return said(
                view.lang, "The rank does not depend much on what was drawn: it stays as it is."
            )
        return said(
            view.lang,
            "The rank is uncertain: it lies between {low} and {high} in 90% of the draws.",
            **facts,
        )
    if view.weight_ratios is None:
        return said(view.lang, "The rank does not depend on the weights.")
    by = Named(tr_in(view.lang, "weights", "±25%"), 0.25, "weight range")
    if low == high:
        return said(
            view.lang,
            "The rank hardly depends on the weights: it stays when each weight varies by up to "
            "{by} relative to its siblings.",
            by=by,
        )
    return said(
        view.lang,
        "The rank depends {much} on the weights: it lies between {low} and {high} when each weight "
        "varies by up to {by} relative to its siblings.",
        much=much(same, view.lang),
        by=by,
        **facts,
    )


def _gaps_in_data(view: CityView) -> Sentence | None:
    if not view.absent or not view.observed:
        return None
    return said_n(
        view.lang,
        "{n} of {all_of} indicators has no data.",
        "{n} of {all_of} indicators have no data.",
        len(view.absent),
        n=named.count(view, len(view.absent), "absent"),
        all_of=named.count(view, len(view.applying), "indicators"),
    )
