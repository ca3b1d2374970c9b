"""What PPO is set to, and what an iteration of it reports."""

from dataclasses import dataclass, field

from .policy import PolicyError

RANGES: dict[str, tuple[float, float]] = {
    "matches": (1, 10**6),
    "horizon": (1, 10**6),
    "epochs": (1, 1000),
    "minibatch": (1, 10**9),
    "learning_rate": (0, 1e3),
    "anneal_steps": (0, 10**13),
    "gamma": (0, 1),
    "gae_lambda": (0, 1),
    "clip": (0, 1e3),
    "value_clip": (0, 1e9),
    "value_coefficient": (0, 1e6),
    "entropy_coefficient": (-1e6, 1e6),
    "gradient_norm": (0, 1e9),
    "magnet_coefficient": (0, 1e6),
    "magnet_rate": (0, 1),
    "magnet_steps": (0, 10**13),
    "outcome": (-1e6, 1e6),
    "shaping": (-1e6, 1e6),
    "shaping_steps": (0, 10**13),
    "self_play": (0, 1),
}


@dataclass(frozen=True)
class PPOConfig:
    """Settings. The defaults suit a CPU: large minibatches and few epochs, because small steps cost mostly dispatch."""

    matches: int = 1024  # B, side by side
    horizon: int = 32  # T, decisions of each match between two updates
    epochs: int = 2
    minibatch: int = 8192  # samples; with memory: whole sequences of `horizon`
    learning_rate: float = 1e-3
    anneal_steps: int = 0  # samples over which the learning rate falls linearly to 0; 0: it stays
    gamma: float = 0.99  # by decision
    gae_lambda: float = 0.95
    clip: float = 0.2
    value_clip: float = 0.0  # 0: off
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.01
    gradient_norm: float = 0.5
    magnet_coefficient: float = 0.0  # of KL(policy, magnet): magnetic mirror descent (Sokota et al., 2023)
    magnet_rate: float = 0.0  # share of the way to the learner's weights that the magnet goes at each update
    magnet_steps: int = 0  # the coefficient falls as 1 / √(1 + samples / this); 0: it stays
    outcome: float = 1.0  # weight of the utility at a match's end; 0: the reward is shaping alone
    shaping: float = 0.0  # reward for each unit of scaled score difference gained, beside the outcome
    shaping_steps: int = 0  # samples over which shaping falls linearly to 0; 0: it stays
    self_play: float = 0.0  # share of matches in which the learner plays both sides; without opponents it is all
    side: int | None = None  # the learner's side against opponents; None: half the matches each
    network: str = "flat"  # a kind of network, or "auto": see `networks.configure`
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "relu"
    memory: str = "none"  # or "gru"
    sees: str = ""  # blocks of the observation it is given, with commas between; "": all
    lean: str = ""  # added to logits at the start, by a choice's first word: "attack:1, nothing:2"
    threads: int | None = None  # for torch (process-wide) and for the batch; None: as they are

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:  # NaN is in no range
                raise PolicyError(f"{name} = {value!r}: expected {least} to {most}")


@dataclass(frozen=True)
class Progress:
    """What an iteration did. Rates over matches are NaN where none ended."""

    steps: int  # samples seen by the learner since the beginning
    matches: int  # ended since the beginning
    seconds: float  # of this iteration
    steps_per_second: float
    mean_return: float  # mean utility of the matches that ended in this iteration
    win_rate: float  # draws count one half
    mean_length: float  # decisions
    entropy: float  # nats, summed over slots
    kl: float  # from the policy that played to the updated one
    clip_fraction: float
    policy_loss: float
    value_loss: float
    explained_variance: float
    learning_rate: float
    against: dict[str, tuple[int, float]] = field(default_factory=dict)  # opponent: (matches ended, mean utility)

    def scalars(self) -> dict[str, float]:
        """The figures by name, for a table or TensorBoard."""
        return {key: value for key, value in vars(self).items() if key not in ("steps", "against")}
