"""A batch's arrays as torch tensors on the batch's own device, without copies. Importing this module imports torch."""

from typing import Any, NamedTuple

import torch

from ..batch import Batch


class BatchTensors(NamedTuple):
    """Views of a batch's memory, changed by each `step`. B matches, S sides, K slots, C choices, F features."""

    observations: torch.Tensor  # float32 [B, S, F]
    masks: torch.Tensor  # bool [B, S, K, C], True: legal
    rewards: torch.Tensor  # float32 [B, S]
    done: torch.Tensor  # bool [B]
    outcome: torch.Tensor  # int8 [B], of the match that ended in the last step
    utility: torch.Tensor  # float32 [B, S], of that match
    final_observations: torch.Tensor  # float32 [B, S, F], valid where done
    illegal: torch.Tensor  # int32 [B, S], choices corrected so far
    actions: torch.Tensor  # int16 [B, S, K], as played
    planes: torch.Tensor | None = None  # uint8 [B, S, P, H, W], of a batch made with `planes=True`
    final_planes: torch.Tensor | None = None  # uint8 [B, S, P, H, W], of the match that ended, valid where done


def as_tensors(batch: Batch) -> BatchTensors:
    """The arrays of a `Batch` (tensors on the CPU) or of a `CudaBatch` (tensors on its GPU), sharing their memory.

    Take them once and use them for all steps; clone what must outlive the next one. The way back:
    `batch.step(actions.numpy())` on the CPU, `batch.step(actions)` (int16, contiguous) on a GPU.
    """
    arrays = {name: getattr(batch, name) for name in BatchTensors._fields}
    return BatchTensors(**{n: _shared(a, n == "masks") for n, a in arrays.items() if a is not None})


def _shared(array: Any, boolean: bool) -> torch.Tensor:
    """A tensor over the memory of a numpy array or of a device array."""
    on_device = getattr(array, "__cuda_array_interface__", None) is not None
    tensor = torch.as_tensor(array, device="cuda") if on_device else torch.from_numpy(array)
    return tensor.view(torch.bool) if boolean else tensor
