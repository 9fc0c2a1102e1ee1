"""
A device named "far", so that what a GPU does not forgive is seen without one: it computes on the CPU, exactly as the CPU does, but an
operation on a tensor of its own and one of the CPU's is an error, and nothing moves between the two unless it is told to.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

Arguments = tuple[Any, ...]


class _Module(backend_registration._DummyBackendModule):
    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


backend_registration._setup_privateuseone_for_python_backend("far", backend_module=_Module())
FAR = torch.device("far", 0)


class FarTensor(Tensor):
    """`near` holds its values on the CPU."""

    home = FAR
    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> Self:
        layout = (near.shape, near.stride(), near.storage_offset())
        made = Tensor._make_wrapper_subclass(cls, *layout, dtype=near.dtype, device=cls.home)
        made.near = near
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, operation: Callable, types: object, arguments: Arguments = (), named: dict | None = None) -> object:
        return _compute(operation, arguments, dict(named or {}))


def near(value: Any) -> Any:
    """The values of a tensor of either device."""
    return value.near if isinstance(value, FarTensor) else value


def _compute(operation: Callable, arguments: Arguments, named: dict) -> object:
    name = str(operation)
    if name == "aten._to_copy.default":
        target = torch.device(named.pop("device", None) or arguments[0].device)
        moved = operation(near(arguments[0]), *arguments[1:], **named)
        return FarTensor(moved) if target.type == FAR.type else moved
    if name == "aten.copy_.default":
        near(arguments[0]).copy_(*map(near, arguments[1:]), **named)
        return arguments[0]
    tensors = [part for part in tree_leaves((arguments, named)) if isinstance(part, Tensor)]
    own = {id(part.near): part for part in tensors if isinstance(part, FarTensor)}
    # As on a GPU, single numbers may come from the CPU.
    if own and any(not isinstance(part, FarTensor) and part.dim() > 0 for part in tensors):
        raise RuntimeError(f"{name}: expected all tensors on one device")
    wanted = named.get("device")
    if wanted is not None:
        named["device"] = "cpu"
    result = operation(*tree_map(near, arguments), **tree_map(near, named))
    if not (own if wanted is None else torch.device(wanted).type == FAR.type):
        return result
    # What an operation in place gives back is the tensor that it was given.
    return tree_map(lambda part: _wrap(part, own) if isinstance(part, Tensor) else part, result)


def _wrap(result: Tensor, own: dict[int, FarTensor]) -> FarTensor:
    return own[id(result)] if id(result) in own else FarTensor(result)


class _Operations(TorchDispatchMode):
    """Sees what makes tensors out of nothing."""

    def __torch_dispatch__(self, operation: Callable, types: object, arguments: Arguments = (), named: dict | None = None) -> object:
        return _compute(operation, arguments, dict(named or {}))


class Functions(TorchFunctionMode):
    """What PyTorch makes out of Python's numbers, it makes with all modes off."""

    def __torch_function__(self, function: Callable, types: object, arguments: Arguments = (), named: dict | None = None) -> object:
        named = dict(named or {})
        if isinstance(generator := named.get("generator"), Generator):
            wanted = torch.device(named.get("device") or "cpu").type
            if generator.home != wanted:
                raise RuntimeError(f"expected a generator of {wanted} but received one of {generator.home}")
        if function is Tensor.new_tensor:
            return torch.tensor(arguments[1], dtype=arguments[0].dtype).to(arguments[0].device)
        if function is torch.tensor and "device" in named:
            return function(*arguments, **{**named, "device": "cpu"}).to(named["device"])
        return function(*arguments, **named)


class Generator(torch.Generator):
    """Computes on the CPU for the device that it was made for."""

    home: str

    def __new__(cls, device: str | torch.device = "cpu") -> Self:
        made = super().__new__(cls)
        made.home = torch.device(device).type
        return made


def _register_autocast() -> list[torch.library.Library]:
    """Convolutions and linear layers in bfloat16 under autocast, everything else as it comes."""
    every, aten = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
    every.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    key = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)

    def narrow(operation: Callable) -> Callable:
        def run(*arguments: object) -> object:
            with torch._C._ExcludeDispatchKeyGuard(key):
                return operation(*(part.to(torch.bfloat16) if isinstance(part, Tensor) else part for part in arguments))

        return run

    for name in ("conv2d", "linear"):
        aten.impl(name, narrow(getattr(torch.ops.aten, name)), "AutocastPrivateUse1")
    return [every, aten]


_KEPT = _register_autocast()
"""Registrations end when their libraries are collected."""


@contextmanager
def far_device() -> Iterator[torch.device]:
    """The device, which is there inside."""
    generator, swap = torch.Generator, torch.__future__.get_swap_module_params_on_conversion()
    torch.__future__.set_swap_module_params_on_conversion(True)
    torch.Generator = Generator  # type: ignore[misc]
    try:
        with _Operations(), Functions():
            yield FAR
    finally:
        torch.Generator = generator  # type: ignore[misc]
        torch.__future__.set_swap_module_params_on_conversion(swap)
