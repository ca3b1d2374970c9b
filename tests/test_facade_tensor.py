"""torch views of a batch: the same memory, on the batch's own device."""

import numpy as np
import pytest
import torch
from facade_play import ARENAS, short, two_slots  # noqa: F401  a fixture

from kumite import arenas
from kumite.arenas.facades import BatchTensors, as_tensors, tensor

SHARED = [field for field in BatchTensors._fields if "planes" not in field]
"""What every batch has; planes, where asked for, are shown in tests/test_planes.py."""


@pytest.mark.parametrize("name", ARENAS)
def test_tensors_show_every_step_without_being_taken_again(name: str) -> None:
    batch = arenas.make_batch(name, matches=4, seed=1, **short(name))
    tensors = as_tensors(batch)
    for _ in range(40):
        batch.step(batch.random_actions())
        for field in SHARED:
            assert np.array_equal(getattr(tensors, field).numpy(), getattr(batch, field)), field


def test_tensors_share_the_buffers_memory() -> None:
    batch = arenas.make_batch("two-slots", matches=3)
    tensors = as_tensors(batch)
    for field in SHARED:
        view, array = getattr(tensors, field), getattr(batch, field)
        assert view.data_ptr() == array.ctypes.data
        assert tuple(view.shape) == array.shape
        view.fill_(1)
        assert (array == 1).all(), field
        array[:] = 0
        assert not view.any(), field
    assert tensors.masks.dtype == tensors.done.dtype == torch.bool
    assert tensors.observations.dtype == torch.float32


def test_a_policy_in_torch_acts_through_the_views() -> None:
    """The highest choice that the mask leaves: run while two squares are left, walk the last one."""
    batch = arenas.make_batch("example", matches=16, seed=3)
    tensors = as_tensors(batch)
    while not tensors.done.any():
        left = 10 - batch.state.place
        scores = torch.arange(3.0).expand(tensors.masks.shape).masked_fill(~tensors.masks, -1.0)
        batch.step(scores.argmax(-1).numpy())
        assert np.array_equal(batch.actions[:, :, 0], np.minimum(left, 2))
    assert not tensors.illegal.any()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_batch_on_a_gpu_gives_tensors_there() -> None:
    pytest.importorskip("numba.cuda")
    batch = arenas.make_batch("example", matches=64, seed=1, device="cuda")
    host = arenas.make_batch("example", matches=64, seed=1)
    tensors = as_tensors(batch)
    for _ in range(30):
        actions = host.random_actions()
        host.step(actions)
        batch.step(torch.as_tensor(actions, device="cuda"))
        for field in SHARED:
            view = getattr(tensors, field)
            assert view.is_cuda
            assert np.array_equal(view.cpu().numpy(), getattr(host, field)), field
            assert view.data_ptr() == getattr(batch, field).__cuda_array_interface__["data"][0]


def test_device_arrays_are_told_by_their_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a GPU: what is asked of torch for an array that says it lies on one."""

    class OnDevice:
        __cuda_array_interface__ = {"data": (4096, False)}

    asked = []
    monkeypatch.setattr(
        tensor.torch, "as_tensor", lambda array, device: asked.append((array, device)) or torch.zeros(1)
    )
    array = OnDevice()
    tensor._shared(array, False)
    assert asked == [(array, "cuda")]
