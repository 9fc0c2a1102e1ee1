"""The regressors that can be trained, by name. Each maps float32 [N,3,S,S] (RGB, about -1..1) to [N,outputs]."""

from collections.abc import Callable

from torch import nn

from .mobile_frnet import MobileFRNet
from .mobilenet_v1 import MobileNetV1
from .mobilenet_v2 import MobileNetV2

NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "mobilenet-v1-0.25": lambda outputs: MobileNetV1(0.25, outputs),
    "mobilenet-v1-0.5": lambda outputs: MobileNetV1(0.5, outputs),
    "mobilenet-v1-0.75": lambda outputs: MobileNetV1(0.75, outputs),
    "mobilenet-v1": lambda outputs: MobileNetV1(1.0, outputs),
    "mobilenet-v2": lambda outputs: MobileNetV2(outputs),
    "mobile-frnet": lambda outputs: MobileFRNet(outputs),
    "mobile-frnet-no-attention": lambda outputs: MobileFRNet(outputs, attention=False),
}


def build_network(name: str, outputs: int = 62) -> nn.Module:
    """A network with fresh weights; `name` is a key of NETWORKS."""
    if name not in NETWORKS:
        raise ValueError(f"Expected one of {', '.join(NETWORKS)} for network but received {name}.")
    return NETWORKS[name](outputs)
