"""No global random generator anywhere: whatever draws is given its generator or key."""

import ast
from collections.abc import Iterator

import pytest
from source_tree import parse, python_files

NUMPY_ALLOWED = {"BitGenerator", "Generator", "PCG64", "PCG64DXSM", "Philox", "SFC64", "SeedSequence", "default_rng"}
NUMPY_SEEDED = NUMPY_ALLOWED - {"BitGenerator", "Generator"}
"""Called without a seed, these take one from the operating system: no run could be repeated."""
TORCH_SEEDS = {"initial_seed", "manual_seed", "manual_seed_all", "seed", "seed_all", "set_rng_state"}
TORCH_DRAWS = {"bernoulli", "multinomial", "normal", "poisson", "rand", "randint", "randn", "randperm"}
TORCH_DRAWS |= {"rand_like", "randint_like", "randn_like"}
TORCH_DRAWS_IN_PLACE = {"bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_"}
TORCH_DRAWS_IN_PLACE |= {"uniform_"}
TORCH_INIT_CONSTANT = {"constant_", "dirac_", "eye_", "ones_", "zeros_", "calculate_gain"}


def aliases(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: {"np": "numpy", "default_rng": "numpy.random.default_rng"}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    """Full name of `a.b.c` where `a` was imported; None for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


def fault_of_name(name: str) -> str | None:
    """What is wrong with naming this at all, called or passed on."""
    module, _, last = name.rpartition(".")
    if module == "numpy.random" and last not in NUMPY_ALLOWED:
        return "numpy's global generator: pass a numpy.random.Generator"
    if module == "random" and last != "Random":
        return "Python's global generator: pass a random.Random(seed)"
    if module in ("torch", "torch.random", "torch.cuda", "torch.cuda.random") and last in TORCH_SEEDS:
        return "seeds torch's global generator: pass a torch.Generator"
    return None


def fault_of_call(name: str | None, call: ast.Call) -> str | None:
    """What is wrong with this call; name is the full name of what is called, where it is an imported one."""
    generator = any(keyword.arg in ("generator", None) for keyword in call.keywords)
    module, _, last = (name or "").rpartition(".")
    if module == "numpy.random" and last in NUMPY_SEEDED and not call.args and not call.keywords:
        return f"{last}() seeds itself from the operating system: pass a seed"
    if name == "random.Random" and not call.args:
        return "Random() seeds itself from the operating system: pass a seed"
    if module == "torch" and last in TORCH_DRAWS and not generator:
        return f"torch.{last} without generator= draws from the global one"
    if module == "torch.nn.init" and last not in TORCH_INIT_CONSTANT and not generator:
        return f"torch.nn.init.{last} without generator= draws from the global one"
    is_method = name is None and isinstance(call.func, ast.Attribute)
    if is_method and call.func.attr in TORCH_DRAWS_IN_PLACE and not generator:
        return f".{call.func.attr} without generator= draws from torch's global generator"
    return None


def faults(tree: ast.Module) -> Iterator[str]:
    """What one module does against explicit randomness: line and reason."""
    names = aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if reason := fault_of_name(f"{node.module}.{alias.name}"):
                    yield f"line {node.lineno}: {reason}"
        if isinstance(node, ast.Attribute) and (name := dotted(node, names)) and (reason := fault_of_name(name)):
            yield f"line {node.lineno}: {reason}"
        if isinstance(node, ast.Call) and (reason := fault_of_call(dotted(node.func, names), node)):
            yield f"line {node.lineno}: {reason}"


def test_nothing_draws_from_a_global_generator() -> None:
    found = [f"{path}, {fault}" for path in python_files() for fault in faults(parse(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.random.seed(1)",
        "import numpy\nx = numpy.random.rand(3)",
        "from numpy import random\nrandom.shuffle([1, 2])",
        "from numpy.random import randint",
        "import numpy as np\nnp.random.default_rng()",
        "from numpy.random import default_rng\ndefault_rng()",
        "import numpy as np\nnp.random.Philox()",
        "import random\nrandom.shuffle([1, 2])",
        "from random import choice",
        "import random\nsorted([1], key=random.random)",
        "import random\nrandom.Random()",
        "import torch\ntorch.manual_seed(0)",
        "import torch\ntorch.cuda.manual_seed_all(0)",
        "import torch\ntorch.rand(2)",
        "from torch import randperm\nrandperm(4)",
        "import torch\ntorch.multinomial(torch.ones(3), 1)",
        "from torch import nn\nnn.init.orthogonal_(weight, gain=1.0)",
        "weight.data.normal_(0, 1)",
    ],
)
def test_a_global_draw_is_found(source: str) -> None:
    assert len(list(faults(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nrng = np.random.default_rng(7)\nrng.shuffle([1, 2])\nrng.random(3)",
        "import numpy as np\ndef f(rng: np.random.Generator): return rng.integers(3)",
        "import numpy as np\nnp.random.Generator(np.random.Philox(key=3))",
        "import random\nrandom.Random(4).choice([1])",
        "import torch\ngenerator = torch.Generator().manual_seed(3)\ntorch.rand(2, generator=generator)",
        "from torch import nn\nnn.init.zeros_(bias)\nnn.init.orthogonal_(weight, generator=generator)",
        "weight.uniform_(-1, 1, generator=generator)",
        "from ..arenas.dice import draw\ndraw(tables, match, 0, 1, 6)",
    ],
)
def test_an_explicit_draw_passes(source: str) -> None:
    assert list(faults(ast.parse(source))) == []
