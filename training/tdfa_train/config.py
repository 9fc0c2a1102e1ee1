"""Everything that decides how a run goes."""

import math
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Self

from torch import Tensor

from .augment.settings import AugmentSettings
from .settings import check_range, read_settings

SMALLEST = 16
"""Side in pixels of the smallest pictures that augmentation and networks leave something of."""
LARGEST = 1024
"""Cached crops have 144: there is nothing in larger pictures."""


@dataclass(frozen=True)
class RunConfig:
    """What every training has to decide."""

    CHECKPOINT: ClassVar[dict]
    """What a run's checkpoint holds besides what all do, in the form of `checkpoint.FORM`."""

    steps: int
    learning_rate: float
    weight_decay: float
    warmup: int
    """Steps of linear rise."""
    decay: float
    """Last part of the steps over which the rate falls to zero; it is constant before, so a run can be made longer."""
    ema: float
    """Share of the old in the running mean of the weights, which is what gets evaluated and exported."""
    seed: int

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "steps")
        check_range(self, 0, 1, "decay", "ema")
        check_range(self, 0, 2**63 - 1, "seed")

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> Self:
        return read_settings(cls, values)


@dataclass(frozen=True)
class TrainConfig(RunConfig):
    CHECKPOINT = {
        "config": {"network": str, "image_size": int},
        "normaliser": {"mean": Tensor, "deviation": Tensor},
        "mean": {"head.conv.bias": Tensor},
    }
    steps: int = 20_000
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    warmup: int = 300
    decay: float = 0.3
    ema: float = 0.999
    seed: int = 1
    network: str = "mobilenet-v1-0.5"
    loss: str = "vertex"
    batch: int = 64
    """Pictures a step, after clips are made; at least two, since batch norms take the deviation over them."""
    vertices: int = 500
    """That vertex losses compare, beside the landmarks."""
    landmark_weight: float = 0.0
    """Of the landmark-regression regulariser, which is scaled to the size of the loss first; 0: no extra outputs."""
    look_ahead: int = 0
    """Steps k of meta-joint optimisation, which then replaces `loss` by the better of VDC and fWPDC; 0: off."""
    held_out: int = 512
    """Crops that are left out, for validation."""
    image_size: int = 120
    """Side in pixels of what the network sees."""
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, 2, math.inf, "batch")
        check_range(self, SMALLEST, LARGEST, "image_size")
        if self.batch % self.augment.clip_frames:
            frames = self.augment.clip_frames
            raise ValueError(f"Expected a multiple of the {frames} of clip_frames for the setting batch but received {self.batch}.")

    @classmethod
    def from_dict(cls, values: dict) -> Self:
        """`augment` as a dictionary, too, of which settings may be left out as here."""
        return read_settings(cls, {**values, "augment": read_settings(AugmentSettings, values.get("augment", {}))})
