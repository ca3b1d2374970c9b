"""Matrix games: the known ones, and files of one's own with the mistakes that people make in them."""

import numpy as np
import pytest
from classic_play import Play
from hypothesis import given
from hypothesis import strategies as st

from kumite import arenas
from kumite.arenas.arena import IllegalOption


@pytest.mark.parametrize(
    ("game", "moves", "result"),
    [
        ("rock-paper-scissors", ("paper", "rock"), ("first", 1)),
        ("rock-paper-scissors", ("paper", "scissors"), ("second", -1)),
        ("rock-paper-scissors", ("rock", "rock"), ("draw", 0)),
        ("biased-rock-paper-scissors", ("rock", "scissors"), ("first", 50)),
        ("biased-rock-paper-scissors", ("rock", "paper"), ("second", -25)),
        ("matching-pennies", ("tails", "tails"), ("first", 1)),
    ],
)
def test_the_table_says_who_pays_whom(game, moves, result):
    assert Play("classic/matrix", game=game).play(moves).result == result


def test_the_equilibrium_of_biased_rock_paper_scissors():
    payoff = arenas.make_game("classic/matrix", game="biased-rock-paper-scissors").tables.payoff
    assert (payoff @ (1, 10, 5)).tolist() == [0, 0, 0]  # against it nothing wins and nothing loses
    assert (payoff.sum(axis=1).max() - payoff.sum(axis=0).min()) / 3 == pytest.approx(50 / 3)  # NashConv of uniform


def test_only_a_skew_symmetric_table_makes_the_roles_the_same():
    pennies = Play("classic/matrix", game="matching-pennies")
    assert not pennies.batch.game.symmetric
    assert [pennies.seen(side)["seat"] for side in (0, 1)] == [[1, 0], [0, 1]]
    rps = Play("classic/matrix")
    assert rps.batch.game.symmetric
    assert [rps.seen(side)["seat"] for side in (0, 1)] == [[1, 0], [1, 0]]


def written(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    return str(tmp_path / name)


NAMED = ",left,middle,right\ntop,1,-2,0.5\nbottom,0,3.25,-1\n"
BARE = "1,-2,0.5\n0,3.25,-1\n"
TOML = 'rows = ["top", "bottom"]\ncolumns = ["left", "middle", "right"]\npayoff = [[1, -2, 0.5], [0, 3.25, -1]]\n'


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("own.csv", NAMED, ["top/left", "bottom/middle", "right"]),
        ("own.toml", TOML, ["top/left", "bottom/middle", "right"]),
        ("bare.csv", BARE, ["0", "1", "2"]),
    ],
)
def test_a_file_of_ones_own(tmp_path, name, text, names):
    play = Play("classic/matrix", game=written(tmp_path, name, text))
    assert play.names == tuple(names)
    assert [play.legal(side) for side in (0, 1)] == [names[:2], names]
    assert play.play((names[1], names[1])).result == ("first", 3.25)  # to the cent: entries are kept as whole numbers
    assert Play("classic/matrix", game=written(tmp_path, name, text)).play((names[0], names[1])).result[1] == -2


def test_entries_of_one_shape_in_another_unit_are_another_game(tmp_path):
    games = [
        arenas.make_game("classic/matrix", game=written(tmp_path, "own.csv", text)) for text in ("0.1,1\n", "1,10\n")
    ]
    assert games[0].tables.payoff.tolist() == games[1].tables.payoff.tolist()
    assert games[0].content_hash != games[1].content_hash
    assert [game.score_scale for game in games] == [0.05, 0.5]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("own.csv", "1,2\n3\n", "row 2 has 1 entries, expected 2"),
        ("own.csv", "1,two\n", "'two' is not a number"),
        ("own.csv", "", "it has no entries"),
        ("own.csv", "1,nan\n", "'nan' is not a number"),
        ("own.csv", "5000000000,1\n", "do not fit 31 bits"),
        ("own.toml", "payof = [[1]]\n", "no entry 'payof' .did you mean 'payoff'"),
        ("own.toml", "payoff = 3\n", "expected a list of rows"),
        ("own.toml", 'payoff = [[1], [2]]\nrows = ["a"]\n', "1 names for 2 rows"),
        ("own.toml", 'payoff = [[1]]\nrows = "a"\n', "rows: expected a list of names"),
        ("own.toml", "payoff = [[true]]\n", "True is not a number"),
        ("own.toml", "payoff = \n", "matrix file .*own.toml: "),
    ],
)
def test_mistakes_in_a_file_are_named(tmp_path, name, text, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("classic/matrix", game=written(tmp_path, name, text))


def test_a_wrong_name_gives_the_nearest_and_a_missing_file_is_said_to_be_missing():
    with pytest.raises(IllegalOption, match=r"no matrix 'rock-paper-scisors' \(did you mean 'rock-paper-scissors'\?\)"):
        arenas.make_game("classic/matrix", game="rock-paper-scisors")
    with pytest.raises(IllegalOption, match=r"nowhere\.csv: .*No such file"):
        arenas.make_game("classic/matrix", game="nowhere.csv")


@given(
    payoff=st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(-10_000, 10_000), min_size=width, max_size=width), min_size=1, max_size=5
        )
    ),
    digits=st.integers(0, 3),
)
def test_any_table_pays_its_entries_and_nothing_is_created(payoff, digits, tmp_path_factory):
    text = "\n".join(",".join(f"{entry / 10**digits:.{digits}f}" for entry in row) for row in payoff)
    game = written(tmp_path_factory.mktemp("matrix"), "own.csv", text)
    rows, columns = len(payoff), len(payoff[0])
    batch = arenas.make_batch("classic/matrix", matches=rows * columns, game=game)
    actions = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)[:, :, None]
    batch.step(actions)
    assert batch.done.all()
    assert np.allclose(batch.utility[:, 0], np.ravel(payoff) / 10**digits)
    assert (batch.utility.sum(axis=1) == 0).all()
    square = rows == columns and (np.array(payoff) == -np.array(payoff).T).all()
    assert batch.game.symmetric == square
