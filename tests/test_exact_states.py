"""Games solved by their distinct states: known values, the tree's and OpenSpiel's answers, and what is refused."""

import functools
import itertools

import numpy as np
import pytest
import states_arena
from exact_games import tree

from kumite import arenas
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, UniformPolicy
from kumite.agents.trained import NetworkPolicy
from kumite.eval.exact import ExactError, ask_both
from kumite.eval.exact.judging import best_response_gain, judge_in_states
from kumite.eval.exact.kernels import kernel
from kumite.eval.exact.shapley import by_linear_programme, exploitability, reach, solve_states
from kumite.eval.exact.solution import SolutionPolicy
from kumite.eval.exact.walk import enumerate_states

arenas.register("coins", states_arena)


@functools.cache
def solved(name, **options):
    return solve_states(enumerate_states(arenas.make_game(name, **options)))


def even(states):
    return tuple(np.repeat(1 / choices.count, choices.count) for choices in states.choices)


# --- matrix games ---


def matrices(shapes, draw):
    """Matrices laid out as the kernels take them, and solved: values, gaps, and the mixes by matrix."""
    made = [draw(shape) for shape in shapes]
    pair, first, second = (
        np.append(0, np.cumsum(size)) for size in zip(*((m * n, m, n) for m, n in shapes), strict=True)
    )
    x, y, value, gap = np.zeros(first[-1]), np.zeros(second[-1]), np.zeros(len(made)), np.zeros(len(made))
    most = max(max(shape) for shape in shapes)
    room = np.zeros((most + 1, 2 * most + 1)), np.zeros(most, np.int64)
    kernel("solve_matrices")(np.concatenate([m.ravel() for m in made]), pair, first, second, x, y, value, gap, *room)
    return made, value, gap


@pytest.mark.parametrize("kind", ["whole numbers", "few values", "gaussian"])
def test_matrix_games_are_solved_as_by_linear_programming(kind):
    rng = np.random.default_rng(3)
    draw = {
        "whole numbers": lambda shape: rng.integers(-9, 10, shape).astype(float),
        "few values": lambda shape: rng.integers(-1, 2, shape).astype(float),  # many ties: the simplex may not circle
        "gaussian": rng.standard_normal,
    }[kind]
    shapes = [(1, 1), (1, 7), (7, 1), (2, 2), *itertools.product(range(1, 9), range(1, 9)), (30, 20), (20, 30)]
    made, value, gap = matrices(shapes, draw)
    assert 0 <= gap.max() < 1e-11
    for matrix, found in zip(made, value, strict=True):
        assert found == pytest.approx(by_linear_programme(matrix)[0], abs=1e-9)


def test_the_mixes_of_a_known_matrix():
    found = solved("classic/matrix", game="biased-rock-paper-scissors")
    for side in (0, 1):
        assert [*found.mix(side, 0).values()] == pytest.approx([1 / 16, 10 / 16, 5 / 16])
    assert (len(found.states), found.matrices, found.handed) == (1, 1, 0)


def test_blotto():
    found = solved("classic/blotto")
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.gap < 1e-12
    assert exploitability(found.states, even(found.states)) == pytest.approx(7 / 22)


# --- many states ---


def test_tic_tac_toe_has_5478_positions_and_is_a_draw():
    found = solved("classic/tic-tac-toe")
    ends = 958  # boards on which a match is over: they are no states
    assert len(found.states) == 5478 - ends
    assert (found.value, found.gap, found.matrices) == (0, 0, 0)


@pytest.mark.parametrize("options", [{"cards": 3}, {"cards": 4}, {"cards": 4, "points_order": "descending"}])
def test_goofspiel_is_the_game_its_histories_make_it(options):
    """Value, exploitability of even play, and the mixes of all states as a plan in the tree: an equilibrium there."""
    found, histories = solved("classic/goofspiel", **options), tree("classic/goofspiel", **options)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.gap < 1e-12
    whole = histories.form.exploitability(histories.form.uniform())
    assert exploitability(found.states, even(found.states)) == pytest.approx(whole, abs=1e-12)
    plans, estimated = ask_both(histories, (SolutionPolicy(found),) * 2)
    assert not estimated
    assert histories.form.exploitability(plans) < 1e-9
    assert reach(found.states, found.mixes)[: found.states.levels[1]].sum() == pytest.approx(1)


def test_every_state_of_goofspiel_is_worth_what_recursion_says():
    """A naive recursion over (prizes left, hands, lead), with a linear programme for every choice of both."""

    @functools.cache
    def worth(prize, left, first, second, lead):
        if len(first) == 1:
            lead += prize * ((first[0] > second[0]) - (first[0] < second[0]))
            return float((lead > 0) - (lead < 0))
        matrix = np.array([
            [
                np.mean([
                    worth(p, tuple(q for q in left if q != p), without(first, a), without(second, b), after)
                    for p in left
                ])
                for b in second
                for after in [lead + prize * ((a > b) - (a < b))]
            ]
            for a in first
        ])  # fmt: skip
        return by_linear_programme(matrix)[0]

    def without(hand, card):
        return tuple(c for c in hand if c != card)

    found = solved("classic/goofspiel", cards=3)
    for record, value in zip(found.states.records, found.values, strict=True):
        turn = int(record["turns"])
        prizes, bids = record["prizes"].tolist(), record["bids"].tolist()
        left = tuple(p for p in (1, 2, 3) if p not in prizes[: turn + 1])
        hands = [tuple(c for c in (1, 2, 3) if c not in bids[side][:turn]) for side in (0, 1)]
        lead = int(record["score"][0]) - int(record["score"][1])
        assert value == pytest.approx(worth(prizes[turn], left, *hands, lead), abs=1e-9)


def test_openspiel_says_the_same_of_goofspiel():
    pyspiel = pytest.importorskip("pyspiel")
    from open_spiel.python.algorithms import exploitability as theirs
    from open_spiel.python.policy import UniformRandomPolicy

    game = pyspiel.convert_to_turn_based(
        pyspiel.load_game("goofspiel(imp_info=false,num_cards=3,points_order=random,returns_type=win_loss)")
    )
    found = solved("classic/goofspiel", cards=3)
    ours = exploitability(found.states, even(found.states))
    assert ours == pytest.approx(theirs.exploitability(game, UniformRandomPolicy(game)), abs=1e-12)


# --- states that come again ---


@pytest.mark.parametrize(("kind", "value"), [("both", 2 / 3), ("heads", (17**0.5 - 3) / 2)])
def test_a_stochastic_game_of_known_value(kind, value):
    """v = val[[1 + v/2, 0], [0, 1 + v/2]], and the same with 1 in the last place."""
    found = solved("coins", kind=kind)
    assert len(found.states) == 1
    assert not found.states.layered
    assert found.value == pytest.approx(value, abs=1e-8)
    assert abs(found.gap) < 1e-7


def test_what_can_be_kept_going_for_ever_is_refused():
    with pytest.raises(ExactError, match="can keep a match going for ever"):
        solve_states(enumerate_states(arenas.make_game("coins", kind="forever")))


# --- refusals ---


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("classic/kuhn", {}, "classic/kuhn has hidden information"),
        ("classic/goofspiel", {"hidden_bids": True}, "has hidden information"),
        ("fight", {}, "fight has delay = 12"),
        ("fight", {"delay": 0}, "fight has hidden information"),
    ],
)
def test_what_is_no_game_of_states_is_refused_by_its_fact(name, options, words):
    with pytest.raises(ExactError, match=words):
        enumerate_states(arenas.make_game(name, **options))


def test_too_many_states_are_refused_with_their_number():
    with pytest.raises(
        ExactError, match=r"classic/tic-tac-toe is too large to solve by states: [\d,]+ reached, the limit is 500"
    ):
        enumerate_states(arenas.make_game("classic/tic-tac-toe"), limit=500)


# --- policies ---


@pytest.mark.parametrize("kind", ["uniform", "constant", "network", "greedy"])
def test_a_policy_is_as_exploitable_as_its_plan_in_the_tree(kind):
    game = arenas.make_game("classic/goofspiel", cards=4)
    made = ActorCritic(NetworkConfig.of(game, hidden=(16,)), 1)
    made.head.weight.data.mul_(100)
    policy = {
        "uniform": UniformPolicy(),
        "constant": ConstantPolicy([2]),
        "network": NetworkPolicy(made),
        "greedy": NetworkPolicy(made, "greedy"),
    }[kind]
    histories, states = tree("classic/goofspiel", cards=4), solved("classic/goofspiel", cards=4).states
    plans, _ = ask_both(histories, (policy, policy))
    judged = judge_in_states(states, [policy])
    assert not judged.estimated
    assert judged.exploitability == pytest.approx(histories.form.exploitability(plans), abs=1e-9)
    assert judged.value == pytest.approx(histories.form.value(plans), abs=1e-9)
    gains = [best_response_gain(states, policy, side) for side in (1, 0)]
    assert gains == pytest.approx(judged.best_responses, abs=1e-12)


def test_a_policy_that_cannot_say_is_watched_and_named():
    class Silent(UniformPolicy):
        def probabilities(self, observation, mask, state):
            return None

    states = solved("classic/goofspiel", cards=3).states
    said, watched = judge_in_states(states, [UniformPolicy()]), judge_in_states(states, [Silent()], samples=2000)
    assert (said.estimated, watched.estimated) == (False, True)
    assert watched.exploitability == pytest.approx(said.exploitability, abs=0.05)
    assert watched.exploitability != said.exploitability


def test_what_depends_on_the_past_is_refused():
    game = arenas.make_game("classic/goofspiel", cards=3)
    states = solved("classic/goofspiel", cards=3).states
    with pytest.raises(ExactError, match="is a mixture: which member plays is drawn once a match"):
        judge_in_states(states, [MixturePolicy([UniformPolicy(), ConstantPolicy([0])])])
    with pytest.raises(ExactError, match="'network' remembers"):
        judge_in_states(states, [NetworkPolicy(ActorCritic(NetworkConfig.of(game, hidden=(8,), memory="gru"), 1))])


def test_a_bot_is_answered_with_what_it_remembers_known():
    """It tosses heads three times of four and keeps to it: matching it wins 3/4 and then 1, missing it loses 1/4."""
    states = solved("coins", kind="twice").states
    judged = judge_in_states(states, [BotPolicy("keeper")], samples=20_000, seed=1)
    assert judged.estimated
    assert judged.best_responses == pytest.approx((1.75, -0.25), abs=0.02)
    assert judged.exploitability == pytest.approx(0.75, abs=0.02)
    with pytest.raises(ExactError, match="the bot 'keeper' of coins remembers"):
        judge_in_states(solved("coins").states, [BotPolicy("keeper")])
