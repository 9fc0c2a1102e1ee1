"""Everything that decides how a run of the detector goes."""

import math
from dataclasses import dataclass

from ..config import RunConfig
from ..settings import check_range
from .network import STRIDES


@dataclass(frozen=True)
class DetectorConfig(RunConfig):
    CHECKPOINT = {"config": {"channels": int}}
    steps: int = 9000
    learning_rate: float = 3e-3
    weight_decay: float = 5e-4
    warmup: int = 200
    decay: float = 0.5
    ema: float = 0.998
    seed: int = 1
    channels: int = 64
    """Of everything from stride 8 on."""
    side: int = 256
    """Of the training pictures, pixels, a multiple of 32."""
    batch: int = 12
    """Pictures a step at `side`; larger pictures come in proportionally smaller batches."""
    large_side: int = 448
    """Of every `large_every`th batch, so that faces of that size are seen."""
    large_every: int = 3
    mined: int = 3
    """Pictures without a face added to each batch at `side`: those of `mined_from` in which the network most sees one."""
    mined_from: int = 9
    box_weight: float = 5.0
    """Of the box loss beside the two cross-entropies."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("side", "large_side"):
            side = getattr(self, name)
            if side < 1 or side % STRIDES[-1]:
                raise ValueError(f"Expected a multiple of {STRIDES[-1]} for the setting {name} but received {side}.")
        if self.mined > self.mined_from:
            raise ValueError(f"Expected at most the {self.mined_from} of mined_from for the setting mined but received {self.mined}.")
        check_range(self, 2, math.inf, "batch", "channels")
