"""PPO on a batch of matches (Schulman et al., "Proximal Policy Optimization Algorithms", 2017): the one learner here.

Samples come from many matches side by side. In self-play both sides of a match are samples; against opponents the
learner's side is. Matches end, never truncate, and restart inside the batch, so a value is bootstrapped only where the
rollout stops in the middle of a match.
"""

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .. import arenas
from ..arenas.arena import Game
from ..arenas.batch import Batch
from ..arenas.dice import SEED_LIMIT
from .lineup import Lineup
from .network import ActorCritic, chosen, entropy, masked_log_probs, sample
from .networks import build, of_settings, taste
from .policy import Policy, PolicyError, Refine, choose_slots
from .ppo_config import PPOConfig, Progress
from .trained import NetworkPolicy


class PPO:
    """A learner and its matches. `train` goes on from where it stopped; `state_dict` holds all that decides the future.

    game: a Game, or the name of an arena with its default options. opponents: a policy (of a MixturePolicy one member
    is drawn for each match); None: self-play. magnet: see `magnet_coefficient`; None: the network as it is at first,
    near even play. writer: a TensorBoard writer.
    batch: matches to use instead of new ones (benchmarks).
    """

    def __init__(
        self,
        game: Game | str,
        config: PPOConfig | None = None,
        opponents: Policy | None = None,
        seed: int = 0,
        *,
        network: ActorCritic | None = None,
        magnet: ActorCritic | None = None,
        writer: Any = None,
        batch: Any = None,
    ):
        self.config = config = config or PPOConfig()
        self.game = arenas.make_game(game) if isinstance(game, str) else game
        network_seed, sampling_seed, batch_seed, lineup_seed = np.random.SeedSequence(seed).generate_state(4, np.uint64)
        shape = of_settings(self.game, config)
        if network is not None and network.config != shape:
            raise PolicyError(f"the network given is {network.config}, the settings and the game ask for {shape}")
        self.network = network or build(shape, int(network_seed % SEED_LIMIT))
        if network is None and config.lean:
            self.network.lean(taste(self.game, config.lean))
        self.network.requires_grad_(True)  # a policy's is frozen
        self.magnet, self.writer = self._magnet(magnet), writer
        self.optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate, eps=1e-5, fused=True)
        self.generator = torch.Generator().manual_seed(int(sampling_seed % SEED_LIMIT))
        reward = "score" if config.shaping else "outcome"
        self.batch = batch or Batch(
            self.game,
            config.matches,
            int(batch_seed % SEED_LIMIT),
            reward=reward,
            threads=config.threads,
            planes=self.network.planes,
        )
        self.steps = self.matches = 0
        self._seat(opponents, np.random.default_rng(lineup_seed))
        self._allocate()

    def _magnet(self, given: ActorCritic | None) -> ActorCritic | None:
        """The network that holds the learner's; a copy, where it will move or none is given."""
        if given is not None and not self.config.magnet_rate:
            return given
        if given is None and not self.config.magnet_coefficient:
            return None
        return copy.deepcopy(given or self.network).requires_grad_(False).eval()

    # --- seats and buffers ---

    def _seat(self, opponents: Policy | None, rng: np.random.Generator) -> None:
        """Decides which seats learn (match * S + side): both in the first matches, one in those with opponents."""
        b, s = len(self.batch), self.game.sides
        both = b if opponents is None or s == 1 else round(b * self.config.self_play)
        versus = np.arange(both, b)
        side = versus % 2 if self.config.side is None else np.full(len(versus), self.config.side)
        self.seats = np.concatenate([np.arange(both * s), versus * s + side])
        self.lineup = None
        if opponents is not None and len(versus):
            self.lineup = Lineup(self.batch, versus * s + 1 - side, opponents, rng)
        # The rows whose results are reported: those against opponents, or else the first side's.
        self.judged = np.arange(both * s, len(self.seats)) if len(versus) else np.arange(0, both * s, s)

    def _allocate(self) -> None:
        t, r, net = self.config.horizon, len(self.seats), self.network
        self._seats = torch.from_numpy(self.seats)
        self.observations = torch.zeros(t, r, net.config.features)
        drawn = self.batch.planes if self.network.planes else None
        self.planes = () if drawn is None else (torch.zeros(t, r, *drawn.shape[2:], dtype=torch.uint8),)
        self.masks = torch.zeros(t, r, net.slots, net.choices, dtype=torch.bool)
        self.actions = torch.zeros(t, r, net.slots, dtype=torch.int64)
        self.log_probs, self.rewards, self.values = torch.zeros(t, r), torch.zeros(t, r), torch.zeros(t + 1, r)
        self.done = torch.zeros(t, r, dtype=torch.bool)
        self.fresh = torch.ones(t + 1, r, dtype=torch.bool)  # [t]: a match begins at t
        self.memory = torch.zeros(r, net.state_size)  # now
        self.memory_before = self.memory.clone()  # at the start of the rollout
        self.magnet_memory = torch.zeros(r, self.magnet.state_size if self.magnet else 0)
        self.magnet_log_probs = torch.zeros(t if self.magnet else 0, r, net.slots, net.choices)
        self.lengths = np.zeros(r, np.int64)

    # --- training ---

    def train(self, steps: int, callback: Callable[[Progress], Any] | None = None) -> Progress:
        """Trains for at least `steps` more samples. callback: called after each iteration; False from it stops."""
        progress = None
        for progress in self.iterations(steps):
            if callback is not None and callback(progress) is False:
                break
        if progress is None:
            raise PolicyError(f"train({steps}): expected 1 or more samples")
        return progress

    def iterations(self, steps: int) -> Iterator[Progress]:
        """Rollout and update, over and over, until `steps` more samples are seen."""
        until = self.steps + steps
        while self.steps < until:
            yield self.iterate()

    def iterate(self) -> Progress:
        """One rollout and its update."""
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        begin = time.perf_counter()
        results = self._collect()
        self.steps += self.log_probs.numel()
        self.matches += len(results["utility"])
        figures = self._update()
        if self.magnet is not None and self.config.magnet_rate:
            with torch.no_grad():
                for held, own in zip(self.magnet.parameters(), self.network.parameters(), strict=True):
                    held.lerp_(own, self.config.magnet_rate)
        seconds = time.perf_counter() - begin
        progress = Progress(
            steps=self.steps,
            matches=self.matches,
            seconds=seconds,
            steps_per_second=self.log_probs.numel() / seconds,
            mean_return=_mean(results["utility"]),
            win_rate=_mean((np.sign(results["utility"]) + 1) / 2),
            mean_length=_mean(results["length"]),
            against=self._by_opponent(results),
            **figures,
        )
        if self.writer is not None:
            for name, value in progress.scalars().items():
                if value == value:  # not NaN
                    self.writer.add_scalar(f"ppo/{name}", value, self.steps)
        return progress

    @torch.inference_mode()
    def _collect(self) -> dict[str, np.ndarray]:
        """Plays `horizon` decisions into the buffers; the results of the judged seats' matches that ended."""
        batch, (b, s, k) = self.batch, self.batch.actions.shape
        seen = torch.from_numpy(batch.observations).view(b * s, -1)
        drawn = [torch.from_numpy(batch.planes).flatten(0, 1)] if self.network.planes else []
        legal = torch.from_numpy(batch.masks).view(torch.bool).view(b * s, k, -1)
        actions = np.zeros((b * s, k), np.int16)
        results: list[tuple[np.ndarray, ...]] = []
        shaping = self._falling(self.config.shaping, self.config.shaping_steps)
        refine = batch.refiner(self.seats // self.game.sides, self.seats % self.game.sides)
        self.memory_before.copy_(self.memory)
        self.fresh[0] = self.fresh[-1]
        for t in range(self.config.horizon):
            torch.index_select(seen, 0, self._seats, out=self.observations[t])
            torch.index_select(legal, 0, self._seats, out=self.masks[t])
            for planes, kept in zip(drawn, self.planes, strict=True):
                torch.index_select(planes, 0, self._seats, out=kept[t])
            pictures = [kept[t] for kept in self.planes]
            logits, self.values[t], self.memory = self.network(self.observations[t], self.memory, *pictures)
            uniform = torch.rand(self.actions[t].shape, generator=self.generator)
            if refine is not None:
                self._choose_in_order(t, logits, uniform, refine)
            log_probs = masked_log_probs(logits, self.masks[t])
            if refine is None:
                self.actions[t] = sample(log_probs, self.masks[t], uniform)
            self.log_probs[t] = chosen(log_probs, self.actions[t])
            if self.magnet is not None:
                logits, _, self.magnet_memory = self.magnet(self.observations[t], self.magnet_memory, *pictures)
                self.magnet_log_probs[t] = masked_log_probs(logits, self.masks[t])
            actions[self.seats] = self.actions[t].numpy()
            if self.lineup is not None:
                self.lineup.act(seen.numpy(), batch.masks.reshape(b * s, k, -1), actions)
            batch.step(actions.reshape(b, s, k))
            self._receive(t, shaping, results)
        pictures = [planes[self._seats] for planes in drawn]
        self.values[-1] = self.network(seen[self._seats], self.memory, *pictures)[1]
        columns = zip(*results, strict=True)
        return dict(zip(("utility", "length", "opponent"), map(np.concatenate, columns), strict=True))

    def _choose_in_order(self, t: int, logits: Tensor, uniform: Tensor, refine: Refine) -> None:
        """Slot by slot, each from what the earlier ones leave to it: those masks are kept, for the update."""

        def choose(slot: Any, legal: np.ndarray) -> np.ndarray:
            allowed = torch.from_numpy(legal).bool()
            return sample(masked_log_probs(logits[:, slot], allowed), allowed, uniform[:, slot]).numpy()

        actions, masks = choose_slots(self.masks[t].view(torch.uint8).numpy(), refine, choose)
        self.actions[t], self.masks[t] = torch.from_numpy(actions), torch.from_numpy(masks)

    def _receive(self, t: int, shaping: float, results: list[tuple[np.ndarray, ...]]) -> None:
        """What the step brought: rewards, ends of matches, fresh opponents and memories."""
        batch, sides = self.batch, self.game.sides
        utility = batch.utility.reshape(-1)[self.seats]
        reward = self.config.outcome * utility
        if self.config.shaping:
            reward = reward + shaping * batch.rewards.reshape(-1)[self.seats]
        ended = batch.done[self.seats // sides]
        self.rewards[t], self.done[t] = torch.from_numpy(reward), torch.from_numpy(ended)
        self.fresh[t + 1] = self.done[t]
        self.lengths += 1
        over = self.judged[ended[self.judged]]
        opponent = self.lineup.seated[over - self.judged[0]] if self.lineup else np.zeros(len(over), np.int64)
        results.append((utility[over], self.lengths[over], opponent))
        self.lengths[ended] = 0
        if ended.any():
            if self.network.state_size:
                self.memory = self.memory * ~self.done[t].unsqueeze(-1)
            if self.magnet_memory.numel():
                self.magnet_memory = self.magnet_memory * ~self.done[t].unsqueeze(-1)
            if self.lineup is not None:
                self.lineup.draw(batch.done[self.lineup.match])

    def _advantages(self) -> Tensor:
        """Generalised advantage estimates (Schulman et al., 2016): float32 [T, R]."""
        c, going = self.config, (~self.done).float()
        advantages, ahead = torch.zeros_like(self.rewards), torch.zeros(len(self.seats))
        for t in reversed(range(c.horizon)):
            surprise = self.rewards[t] + c.gamma * going[t] * self.values[t + 1] - self.values[t]
            advantages[t] = ahead = surprise + c.gamma * c.gae_lambda * going[t] * ahead
        return advantages

    def _update(self) -> dict[str, float]:
        """Some epochs of minibatches over the rollout; their mean figures."""
        c, recurrent = self.config, self.network.state_size > 0
        rate = self._falling(c.learning_rate, c.anneal_steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        advantages = self._advantages()
        hold = (
            c.magnet_coefficient / (1 + self.steps / c.magnet_steps) ** 0.5 if c.magnet_steps else c.magnet_coefficient
        )
        targets = advantages + self.values[:-1]
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        sums, slots = torch.zeros(5), self._slots_with_a_choice()
        pieces = 0
        for index in self._minibatches():
            take = _sequences(index) if recurrent else _samples(index)
            if recurrent:
                seen, fresh = take(self.observations), take(self.fresh[:-1])
                logits, values = self.network.sequence(seen, self.memory_before[index], fresh)
            else:
                logits, values, _ = self.network(take(self.observations), self.memory, *map(take, self.planes))
            log_probs = masked_log_probs(logits[..., :slots, :], take(self.masks)[..., :slots, :])
            change = chosen(log_probs, take(self.actions)[..., :slots]) - take(self.log_probs)
            ratio, gain = change.exp(), take(advantages)
            policy_loss = -torch.min(ratio * gain, ratio.clamp(1 - c.clip, 1 + c.clip) * gain).mean()
            target = take(targets)
            error = (values - target).square()
            if c.value_clip:
                before = take(self.values[:-1])
                error = error.max((before + (values - before).clamp(-c.value_clip, c.value_clip) - target).square())
            value_loss, spread = error.mean(), entropy(log_probs).mean()
            loss = policy_loss + c.value_coefficient * value_loss - c.entropy_coefficient * spread
            if self.magnet is not None:
                apart = log_probs - take(self.magnet_log_probs)[..., :slots, :]
                loss = loss + hold * (log_probs.exp() * apart).sum((-2, -1)).mean()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), c.gradient_norm)
            self.optimizer.step()
            with torch.no_grad():
                outside = ((ratio - 1).abs() > c.clip).float().mean()
                sums += torch.stack((spread, (ratio - 1 - change).mean(), outside, policy_loss, value_loss)).detach()
                pieces += 1
        names = ("entropy", "kl", "clip_fraction", "policy_loss", "value_loss")
        unexplained = (targets - self.values[:-1]).var() / targets.var().clamp_min(1e-12)
        return {
            **dict(zip(names, (sums / pieces).tolist(), strict=True)),
            "explained_variance": 1 - unexplained.item(),
            "learning_rate": rate,
        }

    def _slots_with_a_choice(self) -> int:
        """How many slots there are up to the last that had more than one legal choice in this rollout, 1 at least.
        What the others did was certain: they add nothing to a probability, an entropy or a gradient."""
        slots = self.network.slots
        while slots > 1 and int(self.masks[:, :, slots - 1].sum(-1).max()) == 1:
            slots -= 1
        return slots

    def _minibatches(self) -> Iterator[Tensor]:
        """Indices of samples [n], of rows where sequences must stay whole, each seen once an epoch."""
        recurrent = self.network.state_size > 0
        total = len(self.seats) if recurrent else self.log_probs.numel()
        size = max(1, self.config.minibatch // self.config.horizon) if recurrent else self.config.minibatch
        for _ in range(self.config.epochs):
            yield from torch.randperm(total, generator=self.generator).chunk(max(1, round(total / size)))

    def _falling(self, value: float, over: int) -> float:
        """A setting that falls linearly to 0 over so many samples."""
        return value * max(0.0, 1 - self.steps / over) if over else value

    def _by_opponent(self, results: dict[str, np.ndarray]) -> dict[str, tuple[int, float]]:
        if self.lineup is None:
            return {}
        games = np.bincount(results["opponent"], minlength=len(self.lineup.members))
        sums = np.bincount(results["opponent"], results["utility"], minlength=len(self.lineup.members))
        members = zip(self.lineup.members, games, sums, strict=True)
        return {member.name: (int(n), float(total / n)) for member, n, total in members if n}

    # --- what comes out, and goes on ---

    def policy(self, acting: str = "sample", name: str = "ppo") -> NetworkPolicy:
        """The policy as it is now, frozen."""
        return NetworkPolicy(self.network, acting, name)

    def state_dict(self) -> dict[str, Any]:
        """All that decides how training goes on: nested dictionaries and lists of tensors, arrays and JSON values."""
        saved = {
            "steps": self.steps,
            "matches": self.matches,
            "network": {name: tensor.clone() for name, tensor in self.network.state_dict().items()},
            "optimizer": [{k: v.clone() for k, v in s.items()} for s in self.optimizer.state_dict()["state"].values()],
            "generator": self.generator.get_state(),
            "batch": np.stack([np.frombuffer(self.batch.save(i), np.uint8) for i in range(len(self.batch))]),
            "fresh": self.fresh[-1].clone(),
            "memory": self.memory.clone(),
            "magnet_memory": self.magnet_memory.clone(),
            "lengths": self.lengths.copy(),
        }
        if self.magnet is not None and self.config.magnet_rate:
            saved["magnet"] = {name: tensor.clone() for name, tensor in self.magnet.state_dict().items()}
        if self.lineup is not None:
            saved["lineup"] = self.lineup.state_dict()
            saved["lineup_generator"] = self.lineup.rng.bit_generator.state
        return saved

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes back to a saved state. Game, settings, opponents and magnet must be those it was saved with."""
        self.steps, self.matches = int(saved["steps"]), int(saved["matches"])
        self.network.load_state_dict(saved["network"])
        if "magnet" in saved and self.magnet is not None:
            self.magnet.load_state_dict(saved["magnet"])
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": dict(enumerate(saved["optimizer"])), "param_groups": groups})
        self.generator.set_state(saved["generator"])
        for i, row in enumerate(saved["batch"]):
            self.batch.load(i, np.asarray(row).tobytes())
        if self.lineup is not None:
            self.lineup.load_state_dict(saved["lineup"])
            self.lineup.rng.bit_generator.state = saved["lineup_generator"]
        self.fresh[-1] = saved["fresh"]
        self.memory, self.magnet_memory = saved["memory"].clone(), saved["magnet_memory"].clone()
        self.lengths[:] = saved["lengths"]


def _samples(index: Tensor) -> Callable[[Tensor], Tensor]:
    """Takes samples by number out of a buffer [T, R, ...]."""
    return lambda buffer: buffer.flatten(0, 1).index_select(0, index)


def _sequences(index: Tensor) -> Callable[[Tensor], Tensor]:
    """Takes rows, whole in time, out of a buffer [T, R, ...]."""
    return lambda buffer: buffer.index_select(1, index)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
