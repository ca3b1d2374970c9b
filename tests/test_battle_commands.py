"""`kumite battle`: what is known, what is not and why, and teams read, checked and written."""

import json

from kumite.arenas.battle.pools import read_pool
from kumite.arenas.battle.speed import measure_turns
from kumite.arenas.battle.teams import write_packed, write_paste


def test_vocabulary_says_what_is_in_and_what_is_not_and_why(kumite):
    code, out, _ = kumite("battle", "vocabulary")
    assert code == 0
    text = " ".join(out.split())
    assert "166 species" in text
    assert "abilities: one Pokemon hides in another: Commander" in text
    known = json.loads(kumite("battle", "vocabulary", "--json")[1])
    assert "Incineroar" in known["known"]["species"]
    assert "Ogerpon-Teal-Tera" not in known["known"]["species"]
    assert known["left_out"]["moves"]["Fissure"] == "one-hit knock-out"
    assert 0.9 < known["covered"]["moves"] < 1


def test_a_team_is_read_checked_and_written(kumite, tmp_path):
    team = read_pool("training 1").teams[0]
    file = tmp_path / "team.txt"
    file.write_text(write_paste(team))
    assert kumite("battle", "team", str(file), "--packed") == (0, write_packed(team) + "\n", "")
    assert kumite("battle", "team", str(file)) == (0, write_paste(team) + "\n", "")


def test_a_wrong_team_is_one_line_and_exit_code_2(kumite, tmp_path):
    file = tmp_path / "team.txt"
    file.write_text(write_paste(read_pool("training 1").teams[0]).replace("Fake Out", "Fissure"))
    code, out, err = kumite("battle", "team", str(file))
    assert (code, out) == (2, "")
    assert err == "kumite: Incineroar: moves: 'Fissure' is not in the vocabulary: left out, one-hit knock-out\n"


def test_bench_says_what_it_lacks_to_ask_showdown(kumite, tmp_path):
    code, out, err = kumite("bench", "battle", "--against-showdown", "--modules", tmp_path)
    assert (code, out) == (2, "")
    assert "npm install pokemon-showdown@0.11.11" in err
    assert str(tmp_path) in err


def test_only_battle_is_measured_against_showdown(kumite):
    code, _, err = kumite("bench", "fight", "--against-showdown")
    assert code == 2
    assert "Showdown plays battle" in err


def test_bench_counts_turns():
    found = measure_turns(1000, 0.01, {"teams": "1"})
    assert 0.3 < found["turns_per_request"] < 1  # a preview takes two requests, a knock-out one more
    assert found["turns_per_second"] == 1000 * found["turns_per_request"]
    assert found["parallel_turns_per_second"] > 0
