"""Report sections on who is how strong: ratings, scores of everybody against everybody, cycles and the Nash mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...league.run import STORE as RUN
from ..cycles import NashSupport, cyclic_share, nash_support, significant_cycles
from ..population import Spread, alpha_rank_spread, nash_averaging_spread
from ..ranks import rank_sets
from ..ratings import Ratings
from ..tournament import Standings
from . import charts, history
from .material import TOURNAMENT, Material
from .parts import Chart, Column, Section, Table

KINDS = {"network": "trained", "checkpoint": "trained", "mixture": "mixture", "bot": "scripted", "uniform": "anchor"}
ERRORS = {
    "setups": "the spread between setups, which all meetings share",
    "units": "the spread between units",
    "model": "the model",
}
RESAMPLES = 300
SEED = 20_260_101
"""Seed of the resampling: the same games give the same report."""


def command(material: Material) -> str:
    """What plays the games these sections are about again."""
    told = material.sources[TOURNAMENT].last("tournament") if TOURNAMENT in material.sources else None
    if told and "command" in told:
        return str(told["command"])
    if material.rated_by == RUN:  # games that the run played while it trained
        return history.command(material)
    return f"kumite tournament {material.folder}"


def unit(standings: Standings) -> str:
    """What intervals count."""
    if standings.games_per_unit == 2:
        return "pair (one setup played twice, the agents exchanging seats)"
    return "single game (in an exactly mirrored setup exchanging seats changes nothing)"


def kind_of(material: Material, name: str) -> str:
    """What a member is, in the report's words."""
    member = material.members.get(name)
    return KINDS.get(member.kind, member.kind) if member else ""


def ratings(material: Material, found: Standings) -> Section:
    """Ratings with their intervals, and how far one number a member explains the results."""
    rated = found.ratings
    places = rank_sets(rated, np.random.default_rng(SEED))
    ends = {name: (int(places.best[i]), int(places.worst[i])) for i, name in enumerate(places.names)}
    ranked = not found.withheld and not rated.regularised
    rows = [
        row | {"places": "–".join(map(str, dict.fromkeys(ends[row["name"]]))) if ranked else ""}
        for row in rating_rows(material, rated, found.withheld)
    ]
    columns = rating_columns(after={"games": Column("places", "places, all together 95 %")})
    table = Table("ratings", "Ratings", columns, rows, unit(found), command(material), _zero(found))
    picture = charts.intervals(rows, "Elo", 0.0 if rated.anchors else None)
    shown = any(row["lower"] is not None for row in rows)
    caption = f"with {rated.confidence:.0%} intervals" if shown else "an order, without intervals"
    return Section("ratings", "Ratings", _fit(found), [Chart("ratings", "Ratings", picture, table, caption)])


def rating_rows(material: Material, rated: Ratings, withheld: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A row a member, best first. withheld: whose intervals are not shown, because copies dominate their games; nor is
    that of one that won or lost everything."""
    rows = []
    for row in rated.to_rows():
        name = row["name"]
        known = not (row["anchor"] or row["separated"] or name in withheld)
        rows.append(
            {
                "name": name,
                "kind": "anchor" if row["anchor"] else kind_of(material, name),
                "value": row["elo"],
                "lower": row["lower"] if known else None,
                "upper": row["upper"] if known else None,
                "games": row["games"],
                "note": _rating_note(row, name in withheld),
            }
        )
    return rows


def rating_columns(after: Mapping[str, Column]) -> tuple[Column, ...]:
    """The columns of `rating_rows`, with others of a table's own. after: where each of those stands."""
    columns = (
        Column("name", "member"), Column("kind", "kind"), Column("value", "Elo", ".0f"),
        Column("lower", "lower", ".0f"), Column("upper", "upper", ".0f"), Column("games", "games", ",d"),
        Column("note", "note"),
    )  # fmt: skip
    return tuple(one for column in columns for one in (column, after.get(column.key)) if one is not None)


def _rating_note(row: dict, copied: bool) -> str:
    if row["anchor"]:
        return "frozen"
    if copied:
        return "no interval: most of its games are copies of each other"
    return "won or lost everything: an order, not a measurement" if row["separated"] else ""


def _zero(found: Standings) -> str:
    anchors = ", ".join(f"{name} = {elo:g}" for name, elo in found.ratings.anchors.items())
    zero = f"Frozen: {anchors}." if anchors else "No anchor took part: the mean rating is 0."
    how = ERRORS[found.ratings.errors]
    return f"Bradley–Terry by maximum likelihood; intervals from {how}. {zero}"


def _fit(found: Standings) -> str:
    """Goodness of fit in words."""
    fit, rated = found.ratings.fit, found.ratings
    words = [f"Bradley–Terry ratings on the Elo scale, from {int(rated.games.sum() / 2):,} games."]
    if np.isfinite(fit.p_value):
        verdict = (
            "one number a member does not explain the results (see the cyclic share)"
            if fit.p_value < 0.05
            else "nothing contradicts that one number a member explains the results"
        )
        words.append(f"Goodness of fit: {fit}: {verdict}.")
    if rated.regularised:
        words.append(
            f"Results alone would give {', '.join(rated.separated)} infinite distances, so half a draw against an "
            "average member was added for everyone: these ratings are orders, not measurements."
        )
    return " ".join(words)


def payoffs(material: Material, found: Standings) -> Section:
    """Everybody against everybody: scores with intervals, games, and how many games differ."""
    best = [row["name"] for row in found.ratings.to_rows()]
    rate, games = found.payoff.win_rate(), found.payoff.cells["games"]
    place = {name: i for i, name in enumerate(found.payoff.rows)}
    cells = [
        {
            "row": row,
            "column": column,
            "rate": None if np.isnan(value := rate[place[row], place[column]]) or row == column else float(value),
            "games": int(games[place[row], place[column]]),
        }
        for row in best
        for column in best
    ]
    rows = [
        {
            "row": cell.row, "column": cell.column, "rate": cell.rate, "units": cell.units, "games": cell.games,
            "distinct": cell.distinct,
            "lower": cell.interval.lower if cell.interval else None,
            "upper": cell.interval.upper if cell.interval else None,
            "note": "" if cell.interval else "interval refused: copies dominate",
        }
        for cell in found.cells
    ]  # fmt: skip
    columns = (
        Column("row", "member"), Column("column", "against"), Column("rate", "win rate", ".3f"),
        Column("lower", "lower", ".3f"), Column("upper", "upper", ".3f"), Column("units", "units", ",d"),
        Column("games", "games", ",d"), Column("distinct", "distinct units", ",d"), Column("note", "note"),
    )  # fmt: skip
    confidence = f"{found.ratings.confidence:.0%}"
    note = f"Draws count one half. Intervals: betting, {confidence} for each cell by itself."
    table = Table("payoffs", "Scores", columns, rows, unit(found), command(material), note)
    refused = sum(not cell.interval for cell in found.cells)
    warning = ""
    if refused:
        warning = (
            f"In {refused} of {len(found.cells)} meetings fewer than half of the units differ in what happened: they "
            "replay the same games. Their intervals are refused, and in the ratings only what differs counts."
        )
    picture = charts.heat_map(cells, best, "win rate of the row")
    chart = Chart(
        "payoffs", "Win rate of the row against the column, in percent", picture, table,
        "Small figures: games. Best rated first.",
    )  # fmt: skip
    return Section("payoffs", "Who beats whom", "", [chart], warning=warning)


def structure(material: Material, found: Standings) -> Section | None:
    """Is it a ladder? The cyclic share with its null, the cycles that are surely there, the Nash mixture's spread."""
    if (
        len(found.names) < 3
        or len(found.results.edges()[0]) < len(found.payoff.rows) * (len(found.payoff.rows) - 1) / 2
    ):
        return None  # cycles and mixtures need everybody to have met
    rng = np.random.default_rng(SEED)
    share = cyclic_share(found.results, found.ratings, rng, resamples=RESAMPLES)
    cycles = significant_cycles(found.results)
    support = nash_support(found.results, rng, resamples=RESAMPLES)
    share_rows = [
        {
            "share": share.share, "null": share.null_mean, "lower": share.null_lower, "upper": share.null_upper,
            "p": share.p_value, "debiased": share.debiased,
        }
    ]  # fmt: skip
    share_columns = (
        Column("share", "cyclic share", ".3f"), Column("null", "by noise alone", ".3f"),
        Column("lower", "noise, 2.5 %", ".3f"), Column("upper", "noise, 97.5 %", ".3f"), Column("p", "p", ".3f"),
        Column("debiased", "share without noise", ".3f"),
    )  # fmt: skip
    note = f"{RESAMPLES} draws of what a ladder with these ratings would show."
    share_table = Table("cyclic-share", "Cyclic share", share_columns, share_rows, unit(found), command(material), note)
    cycle_rows = [
        {"members": " → ".join((*cycle.members, cycle.members[0])), "weakest": min(cycle.scores), "p": cycle.p_value}
        for cycle in cycles[:20]
    ]
    cycle_columns = (
        Column("members", "each beats the next"), Column("weakest", "least of the three win rates", ".3f"),
        Column("p", "p, adjusted for all meetings", ".2g"),
    )  # fmt: skip
    cycle_table = Table(
        "cycles", "Cycles of three, every edge significant", cycle_columns, cycle_rows, unit(found), command(material),
        f"{len(cycles)} in all, the clearest first.",
    )  # fmt: skip
    count = {0: "No cycle of three is", 1: "One cycle of three is"}.get(
        len(cycles), f"{len(cycles)} cycles of three are"
    )
    words = (
        f"The cyclic share of the payoff is {share.share:.2f}; a pure ladder with these ratings would show "
        f"{share.null_mean:.2f} [{share.null_lower:.2f}, {share.null_upper:.2f}] from noise alone "
        f"(p = {share.p_value:.2g}). {count} significant in every edge. Members in the Nash mixture of the measured "
        f"payoff: {support.size}; in 95 % of the payoffs that these games leave possible, "
        f"{np.quantile(support.sizes, 0.025):.0f} to {np.quantile(support.sizes, 0.975):.0f}."
    )
    tables = [share_table, cycle_table] if cycles else [share_table]
    tables.append(
        _population(material, found, alpha_rank_spread(found.results, rng), nash_averaging_spread(found.results, rng))
    )
    return Section("structure", "Ladder or cycle", words, [_mixture(material, found, support)], tables)


def _population(material: Material, found: Standings, mass: Spread, skill: Spread) -> Table:
    """Alpha-rank and Nash averaging, each with its spread."""
    rows = [
        {
            "name": mass.names[i], "mass": float(mass.value[i]), "mass_lower": float(mass.lower[i]),
            "mass_upper": float(mass.upper[i]), "skill": float(skill.value[i]),
            "skill_lower": float(skill.lower[i]), "skill_upper": float(skill.upper[i]),
        }
        for i in np.argsort(-mass.mean, kind="stable")
    ]  # fmt: skip
    columns = (
        Column("name", "member"), Column("mass", "alpha-rank mass", ".3f"), Column("mass_lower", "2.5 %", ".3f"),
        Column("mass_upper", "97.5 %", ".3f"), Column("skill", "Nash averaging, log odds", "+.2f"),
        Column("skill_lower", "2.5 %", "+.2f"), Column("skill_upper", "97.5 %", "+.2f"),
    )  # fmt: skip
    note = "Middle 95 % over 200 payoffs that these games leave possible; among equals both figures are chance."
    return Table("population", "Alpha-rank and Nash averaging", columns, rows, unit(found), command(material), note)


def _mixture(material: Material, found: Standings, support: NashSupport) -> Chart:
    order = np.argsort(-support.mixture, kind="stable")
    rows = [
        {
            "name": support.names[i], "value": float(support.mixture[i]), "lower": float(support.lower[i]),
            "upper": float(support.upper[i]), "presence": float(support.presence[i]),
        }
        for i in order
        if support.mixture[i] > 0.0005 or support.presence[i] > 0.02
    ]  # fmt: skip
    columns = (
        Column("name", "member"), Column("value", "weight", ".3f"), Column("lower", "2.5 %", ".3f"),
        Column("upper", "97.5 %", ".3f"), Column("presence", "in the support", ".0%"),
    )  # fmt: skip
    note = f"Middle 95 % over {RESAMPLES} payoffs that these games leave possible; the rest never had weight."
    table = Table("nash", "Nash mixture of the tournament", columns, rows, unit(found), command(material), note)
    return Chart("nash", "Nash mixture", charts.bars(rows, "weight", 1.0), table, "with its spread by resampling")
