"""Stable-Baselines3 in the league: its models as members, and its PPO as a learner (`--learner sb3-ppo`).

A model's file is a pickle: reading it runs what it says. So it is only read when the caller trusts it.
"""

import importlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.vec_env import VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn
from torch import Tensor

from ..arenas.arena import Game
from ..arenas.facades.spaces import action_space, mask_columns
from ..arenas.facades.vec import KumiteVecEnv
from .checkpoint import write_atomically
from .policy import Policy, PolicyError
from .trained import LogitPolicy, weights_hash

NOTE = "kumite.json"
"""What we add to a model's archive: the arena, its content, and how the policy acts."""
UNSAVED = ("_last_obs", "_last_original_obs", "_last_episode_starts", "ep_info_buffer", "ep_success_buffer")


class SB3Policy(LogitPolicy):
    """A model's policy, copied and frozen: PPO, A2C and MaskablePPO (sample, greedy, temperature), DQN (greedy)."""

    def __init__(self, model: BaseAlgorithm, game: Game, acting: str | None = None, name: str = "sb3"):
        self.module = _copied(model.policy).eval().requires_grad_(False)
        valued = hasattr(self.module, "q_net")
        if not valued and not hasattr(self.module, "action_net"):
            raise PolicyError(f"{type(model).__name__}: expected a model with logits (PPO, A2C) or values (DQN)")
        super().__init__(acting or ("greedy" if valued else "sample"), name)
        if valued and self.temperature != 0:
            raise PolicyError(f"a {type(model).__name__} has values, not probabilities: it acts greedily")
        shape, space = (game.observation.size,), action_space(game)
        if model.observation_space.shape != shape or model.action_space != space:
            raise PolicyError(
                f"the model sees {model.observation_space.shape} and chooses from {model.action_space}, "
                f"{game.arena.name} shows {shape} and takes {space}"
            )
        self._shape, self._columns = (game.action.count, game.action.choices), torch.from_numpy(mask_columns(game))
        archive = io.BytesIO()
        model.save(archive, exclude=UNSAVED)
        self.archive = archive.getvalue()

    def logits(self, observation: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        module: Any = self.module
        if hasattr(module, "q_net"):
            flat = module.q_net(observation)
        else:
            features = module.extract_features(observation, module.pi_features_extractor)
            flat = module.action_net(module.mlp_extractor.forward_actor(features))
        slots, choices = self._shape
        padded = flat.new_zeros(len(flat), slots * choices)
        padded[:, self._columns] = flat
        return padded.view(-1, slots, choices), state

    def identity(self) -> dict[str, Any]:
        kind, weights = type(self.module).__name__, weights_hash(self.module.state_dict())
        return {"kind": "sb3", "policy": kind, "acting": self.acting, "weights": weights}


def _copied(policy: BasePolicy) -> BasePolicy:
    """By writing and reading: after training, a policy holds parts of a graph that copy.deepcopy refuses."""
    written: Any = io.BytesIO()
    policy.save(written)
    written.seek(0)
    with torch.random.fork_rng(devices=[]):  # a policy's weights are drawn before they are read
        return type(policy).load(written, device="cpu")


def save_sb3(path: Path | str, policy: SB3Policy, game: Game, metadata: Mapping[str, Any] | None = None) -> str:
    """Writes a model's archive with our note in it, atomically; returns the policy's hash."""
    note = {
        "name": policy.name,
        "acting": policy.acting,
        "policy_hash": policy.policy_hash,
        "arena": game.arena.name,
        "arena_version": game.arena.version,
        "options": dict(game.options),
        "content_hash": game.content_hash,
        "training": dict(metadata or {}),
    }
    archive = io.BytesIO(policy.archive)
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(NOTE, json.dumps(note))
    write_atomically(Path(path), archive.getvalue())
    return policy.policy_hash


def load_sb3(
    path: Path | str, game: Game, *, acting: str | None = None, any_rules: bool = False, trust: bool = False
) -> SB3Policy:
    """A Stable-Baselines3 or sb3-contrib model as a policy. Refused without `trust`, and where its spaces do not fit.

    A file with our note is also refused where it was trained under other rules or options, unless `any_rules`.
    """
    path = Path(path)
    if not trust:
        raise PolicyError(
            f"{path} is a pickle, and reading it can run any code: trust=True (--trust) reads it all the same"
        )
    try:
        with zipfile.ZipFile(path) as file:
            about = json.loads(file.read("data"))
            note = json.loads(file.read(NOTE)) if NOTE in file.namelist() else None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise PolicyError(f"{path} is no Stable-Baselines3 model: {error}") from None
    if note is not None and not any_rules and note["content_hash"] != game.content_hash:
        raise PolicyError(
            f"{path}: a policy for {note['arena']} with other rules or options: content {note['content_hash']}, "
            f"this game has {game.content_hash}; any_rules=True takes it all the same"
        )
    model = _algorithm(about)().load(path, device="cpu")
    kept = (note["acting"], note["name"]) if note else (None, path.stem)
    return SB3Policy(model, game, acting or kept[0], kept[1])


def _algorithm(about: Mapping[str, Any]) -> Callable[[], type[BaseAlgorithm]]:
    """Which algorithm wrote a model, by the settings it keeps: an archive does not name it."""
    from stable_baselines3 import A2C, DQN, PPO

    if "maskable" in about.get("policy_class", {}).get("__module__", ""):
        return maskable_ppo
    if "exploration_fraction" in about:
        return lambda: DQN
    return lambda: PPO if "clip_range" in about else A2C


def maskable_ppo() -> type[Any]:
    """sb3-contrib's MaskablePPO, or PolicyError where it is not installed."""
    try:
        return importlib.import_module("sb3_contrib").MaskablePPO
    except ImportError:
        raise PolicyError(
            "MaskablePPO is in the package sb3-contrib, which is not installed; the setting masked=false trains "
            "without masks, illegal choices then being replaced"
        ) from None


# --- as a learner ---


@dataclass(frozen=True)
class SB3Config:
    """Settings of `sb3-ppo`, named as in `PPOConfig`."""

    masked: bool = True  # sb3-contrib's MaskablePPO; False: Stable-Baselines3's PPO
    horizon: int = 32
    epochs: int = 2
    minibatch: int = 8192
    learning_rate: float = 1e-3
    gamma: float = 0.99
    gae_lambda: float = 0.95
    clip: float = 0.2
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.01
    gradient_norm: float = 0.5
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "relu"


@dataclass
class SB3Progress:
    """What an iteration did. Rates over matches are NaN where none ended."""

    steps: int
    steps_per_second: float
    win_rate: float
    mean_return: float
    figures: Mapping[str, float]

    def scalars(self) -> dict[str, float]:
        """The curves' values by name."""
        own = {name: getattr(self, name) for name in ("steps_per_second", "win_rate", "mean_return")}
        return {**own, **self.figures}


class _Results(VecEnvWrapper):
    """Keeps the utilities of the matches that ended since it was last asked."""

    utilities: list[float]

    def reset(self) -> Any:
        self.utilities = []
        return self.venv.reset()

    def step_wait(self) -> VecEnvStepReturn:
        seen, rewards, dones, infos = self.venv.step_wait()
        self.utilities += [infos[row]["utility"] for row in np.flatnonzero(dones)]
        return seen, rewards, dones, infos


class SB3Learner:
    """One response trained by Stable-Baselines3.

    A snapshot keeps weights and optimiser; the matches are not in it, so training goes on with fresh ones. The library
    draws from the global generators: torch's is put back after each iteration, Python's and numpy's stay seeded.
    """

    def __init__(
        self,
        game: Game,
        config: SB3Config,
        opponents: Policy | None,
        seed: int,
        *,
        matches: int = 1024,
        side: int | None = None,
        threads: int | None = None,
    ):
        from stable_baselines3 import PPO

        algorithm: Any = maskable_ppo() if config.masked else PPO
        self.game, self.seed, self.steps = game, seed, 0
        both = {"both_sides": True} if opponents is None else {"opponents": opponents}
        place = {} if opponents is None else {"side": "random" if side is None else side}
        env = KumiteVecEnv(
            game.arena.name, matches, seed, reward="outcome", threads=threads, **both, **place, **game.options
        )
        self.env = _Results(env)
        total = config.horizon * self.env.num_envs
        with torch.random.fork_rng(devices=[]):
            self.model = algorithm(
                "MlpPolicy",
                self.env,
                learning_rate=config.learning_rate,
                n_steps=config.horizon,
                batch_size=_even_part(total, config.minibatch),
                n_epochs=config.epochs,
                gamma=config.gamma,
                gae_lambda=config.gae_lambda,
                clip_range=config.clip,
                vf_coef=config.value_coefficient,
                ent_coef=config.entropy_coefficient,
                max_grad_norm=config.gradient_norm,
                policy_kwargs={
                    "net_arch": list(config.hidden),
                    "activation_fn": {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[config.activation],
                },
                device="cpu",
                seed=seed % 2**32,
            )

    def iterate(self) -> SB3Progress:
        """One rollout and its update; its chance is decided by the seed and the samples seen so far."""
        model, begin = self.model, time.perf_counter()
        with torch.random.fork_rng(devices=[]):
            chance = np.random.SeedSequence([self.seed, self.steps]).generate_state(1)[0]
            model.set_random_seed(int(chance))
            model.learn(model.n_steps * model.n_envs, reset_num_timesteps=False, log_interval=None)
        samples = model.n_steps * model.n_envs
        self.steps += samples
        utilities, self.env.utilities = np.array(self.env.utilities), []
        ended = len(utilities) > 0
        logged = {name.removeprefix("train/"): value for name, value in model.logger.name_to_value.items()}
        return SB3Progress(
            steps=self.steps,
            steps_per_second=samples / (time.perf_counter() - begin),
            win_rate=float((np.sign(utilities) + 1).mean() / 2) if ended else float("nan"),
            mean_return=float(utilities.mean()) if ended else float("nan"),
            figures={name: float(value) for name, value in logged.items()},
        )

    def policy(self, acting: str = "sample", name: str = "sb3-ppo") -> SB3Policy:
        """What was learned so far, frozen."""
        return SB3Policy(self.model, self.game, acting, name)

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimiser and samples seen."""
        moments = self.model.policy.optimizer.state_dict()["state"]
        return {
            "steps": self.steps,
            "weights": {name: tensor.clone() for name, tensor in self.model.policy.state_dict().items()},
            "optimizer": [{k: v.clone() for k, v in moments[i].items()} for i in sorted(moments)],
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes back to a saved learner, with fresh matches."""
        self.steps = self.model.num_timesteps = int(saved["steps"])
        self.model.policy.load_state_dict(saved["weights"])
        optimizer = self.model.policy.optimizer
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": dict(enumerate(saved["optimizer"])), "param_groups": groups})


def _even_part(total: int, wanted: int) -> int:
    """The largest even share of the samples of a rollout that is no larger than the minibatch wanted."""
    pieces = ceil(total / wanted)
    while total % pieces:
        pieces += 1
    return total // pieces


class SB3Oracle:
    """`sb3-ppo` as a league's learner; the protocol is `league.oracle.Oracle`."""

    suffix = ".zip"
    at_once = False

    def settings(self) -> dict[str, Any]:
        """The settings and their defaults."""
        return asdict(SB3Config())

    def start(self, task: Any) -> SB3Learner:
        """A learner for a `league.oracle.Task`; it starts from the parent's weights where that is such a model."""
        learner = SB3Learner(
            task.game,
            SB3Config(**task.config.learner_options),
            task.opponents,
            task.seed,
            matches=task.config.matches,
            side=task.side,
            threads=task.config.threads or None,
        )
        if isinstance(task.parent, SB3Policy):
            learner.model.policy.load_state_dict(task.parent.module.state_dict())
        return learner

    def save(self, path: Path, policy: Policy, game: Game, metadata: Mapping[str, Any]) -> None:
        """As a Stable-Baselines3 archive with a note of ours."""
        if not isinstance(policy, SB3Policy):
            raise TypeError(f"{policy!r} is not a Stable-Baselines3 policy")
        save_sb3(path, policy, game, metadata)
