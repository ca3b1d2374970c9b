"""What Showdown played: recordings are whole, inside the vocabulary, and agree with the tables and with themselves."""

import pytest
from battle_recordings import FOLDER, Choice, read_battles, read_choice, read_lines

from kumite.arenas.battle.content import default_content, plain, word
from kumite.arenas.battle.teams import stats
from kumite.arenas.battle.terms import PseudoWeather, SideCondition, Status, Terrain, Volatile, Weather

CONTENT = default_content()
WHOLE = ("doubles", "singles3", "singles6", "any")


@pytest.fixture(scope="module")
def battles() -> dict:
    return {name: [battle for battle, _ in zip(read_battles(name), range(12))] for name in WHOLE}


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("p", Choice("pass")),
        ("s4", Choice("switch", 4)),
        ("m2", Choice("move", 2)),
        ("m0>-2", Choice("move", 0, -2)),
        ("m3>1t", Choice("move", 3, 1, tera=True)),
        ("m1t", Choice("move", 1, tera=True)),
    ],
)
def test_choices_are_read(text, choice):
    assert read_choice(text) == choice


@pytest.mark.parametrize("name", WHOLE)
def test_every_choice_is_legal(battles, name):
    for battle in battles[name]:
        for point in battle.points[:-1]:
            for legal, chosen in zip(point.legal, point.choices, strict=True):
                assert (legal is None) == (chosen is None)
                if isinstance(legal, int):
                    assert len(set(chosen)) == legal
                elif legal is not None:
                    assert all(choice in options for choice, options in zip(chosen, legal, strict=True))


@pytest.mark.parametrize("name", WHOLE)
def test_draws_are_within_their_faces(battles, name):
    draws = [draw for battle in battles[name] for point in battle.points for draw in point.draws]
    assert len(draws) > 500
    for draw in draws:
        if isinstance(draw.value, tuple):
            assert sorted(draw.value) == list(range(draw.faces))
        else:
            assert 0 <= draw.value < draw.faces
        assert draw.label not in ("other", "setup")


@pytest.mark.parametrize("name", WHOLE)
def test_states_are_in_words_the_tables_have(battles, name):
    for battle in battles[name]:
        for point in battle.points:
            state = point.state
            word(Weather, state["weather"] or "none")
            word(Terrain, state["terrain"] or "none")
            for key in state["pseudo_weather"]:
                word(PseudoWeather, key)
            for side in state["sides"]:
                for key in side["conditions"]:
                    word(SideCondition, key)
                assert not any(side["slots"])
                for pokemon in side["team"]:
                    CONTENT.id_of("species", pokemon["species"])
                    CONTENT.id_of("abilities", pokemon["ability"])
                    if pokemon["item"]:
                        CONTENT.id_of("items", pokemon["item"])
                    if pokemon["status"] not in ("", "fnt"):
                        word(Status, pokemon["status"])
                    for key in pokemon["volatiles"]:
                        word(Volatile, key)


@pytest.mark.parametrize("name", WHOLE)
def test_stats_and_pp_are_those_of_the_tables(battles, name):
    """As the battle begins: Ogerpon's and Zacian's formes change later, and before."""
    for battle in battles[name]:
        first = next(point for point in battle.points if point.state["turn"])
        for side, team in zip(first.state["sides"], battle.teams, strict=True):
            for pokemon in side["team"]:
                member = team[pokemon["sheet"]]
                if pokemon["species"] != plain(member.species):
                    continue
                assert tuple(pokemon["stats"].values()) == stats(member)
                assert pokemon["max_hp"] == pokemon["stats"]["hp"]
                assert [move["id"] for move in pokemon["moves"]] == [plain(move) for move in member.moves]
                for move in pokemon["moves"]:
                    assert move["max_pp"] == CONTENT.move_table[CONTENT.id_of("moves", move["id"])].pp


def test_every_entry_of_the_vocabulary_has_its_scenario():
    seen = {tuple(line["entry"]) for line in read_lines(FOLDER / "scenarios.jsonl.gz")}
    entries = {(kind, name) for kind in ("species", "moves", "items", "abilities") for name in CONTENT.rows[kind]}
    assert entries - seen == set()


def test_a_moves_scenario_shows_the_move():
    for line in read_lines(FOLDER / "scenarios.jsonl.gz"):
        kind, name = line["entry"]
        if kind == "moves":
            log = [entry for point in line["points"] for entry in point["log"]]
            assert any(entry.startswith("|move|p1") and entry.split("|")[3] == name for entry in log), name


def test_damage_cases_have_sixteen_rolls_that_fall():
    cases = moves = 0
    seen = set()
    for line in read_lines(FOLDER / "damage.jsonl.gz"):
        for case in line["cases"]:
            seen.add(case["move"])
            moves += 1
            for hit in case["hits"]:
                cases += 1
                assert len(hit["rolls"]) == 16
                assert hit["rolls"] == sorted(hit["rolls"], reverse=True)
                assert hit["rolls"][-1] >= 1
    assert cases >= 20_000
    assert moves < cases  # spread moves have a row for each target
    attacks = [name for name, row in CONTENT.rows["moves"].items() if row["basePower"] > 1]
    assert len(seen) > 0.95 * len(attacks)
