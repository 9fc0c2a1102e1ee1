"""
A made-up "cuda:0" for what `far.py` cannot show: the rules that PyTorch has for CUDA alone and keeps without a GPU, such as autocast's lists
and the fused optimiser, and where a GPU would be waited for. Tensors say that they are on cuda:0, values are computed on the CPU. It cannot
see the backward pass, which asks the driver, nor kernels, their own waits among them, nor the values of a real GPU.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import torch
from far import FarTensor, Functions, Generator, near
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CUDA = torch.device("cuda", 0)
# Of a device that is not there: guards of streams and devices would ask the driver.
torch._C._ensureCUDADeviceGuardSet()
WAITS = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "_unique2", "_linalg_check_errors", "_linalg_svd", "_linalg_eigh"}


class CudaTensor(FarTensor):
    home = CUDA

    @classmethod
    def __torch_dispatch__(cls, operation: Callable, types: object, arguments: tuple = (), named: dict | None = None) -> object:
        raise RuntimeError(f"{operation} outside of cuda_rules")


class Rules(TorchDispatchMode):
    """`calls`: operations in order, with the types of their tensors on the device; `waits`: lines that wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, set[torch.dtype]]] = []
        self.waits: list[str] = []

    def __torch_dispatch__(self, operation: Callable, types: object, arguments: tuple = (), named: dict | None = None) -> object:
        named, name = dict(named or {}), operation.overloadpacket.__name__
        tensors = [part for part in tree_leaves((arguments, named)) if isinstance(part, Tensor)]
        own = {id(part.near): part for part in tensors if isinstance(part, CudaTensor)}
        self.calls.append((name, {part.dtype for part in own.values()}))
        there = bool(own)
        if (wanted := named.get("device")) is not None:
            there, named["device"] = torch.device(wanted).type == "cuda", "cpu"
        crosses = name == "_to_copy" and there != bool(own) or name == "copy_" and 0 < len(own) < len(tensors)
        masks = name in ("index", "index_put_") and any(part is not None and part.dtype == torch.bool for part in arguments[1])
        if crosses or own and (name in WAITS or masks):
            self.waits.append(_caller())
        elif own and any(not isinstance(part, CudaTensor) and part.dim() > 0 for part in tensors):
            raise RuntimeError(f"{operation}: expected all tensors on one device")
        if name == "cudnn_batch_norm":  # Which the CPU has not; its last result is cuDNN's own.
            result = (*torch.ops.aten.native_batch_norm(*map(near, arguments)), torch.zeros(0, dtype=torch.uint8))
        else:
            result = operation(*tree_map(near, arguments), **tree_map(near, named))
        return tree_map(lambda part: _wrap(part, own) if isinstance(part, Tensor) else part, result) if there else result


def _wrap(result: Tensor, own: dict[int, CudaTensor]) -> CudaTensor:
    # What an operation in place gives back is the tensor that it was given.
    return own[id(result)] if id(result) in own else CudaTensor(result)


def _caller() -> str:
    lines = [frame for frame in traceback.extract_stack() if "tdfa_train" in frame.filename]
    return f"{Path(lines[-1].filename).name}:{lines[-1].lineno}" if lines else "elsewhere"


@contextmanager
def cuda_rules() -> Iterator[Rules]:
    swap = torch.__future__.get_swap_module_params_on_conversion()
    torch.__future__.set_swap_module_params_on_conversion(True)
    there = patch("torch.cuda._lazy_init"), patch("torch.cuda.amp.common.amp_definitely_not_available", lambda: False)
    try:
        with there[0], there[1], patch("torch.cuda.is_bf16_supported", lambda: True), patch("torch.Generator", Generator):
            with Rules() as rules, Functions():
                yield rules
    finally:
        torch.__future__.set_swap_module_params_on_conversion(swap)
