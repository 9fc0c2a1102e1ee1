"""Everything that decides how a run goes."""

from dataclasses import asdict, dataclass, field, fields

from .augment.settings import AugmentSettings


@dataclass(frozen=True)
class TrainConfig:
    network: str = "mobilenet-v1-0.5"
    loss: str = "vertex"
    batch: int = 64
    """Pictures a step, after clips are made."""
    steps: int = 20_000
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    warmup: int = 300
    """Steps of linear rise."""
    decay: float = 0.3
    """Last part of the steps over which the rate falls to zero; it is constant before, so a run can be made longer."""
    ema: float = 0.999
    """Share of the old in the running mean of the weights, which is what gets evaluated and exported."""
    vertices: int = 500
    """That vertex losses compare, beside the landmarks."""
    landmark_weight: float = 0.0
    """Of the landmark-regression regulariser; 0: no extra outputs."""
    look_ahead: int = 0
    """Steps k of meta-joint optimisation, which then replaces `loss` by the better of VDC and fWPDC; 0: off."""
    held_out: int = 512
    seed: int = 1
    image_size: int = 120
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def to_dict(self) -> dict:
        return asdict(self)

    @staticmethod
    def from_dict(values: dict) -> "TrainConfig":
        known = {entry.name for entry in fields(TrainConfig)}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"Expected settings among {', '.join(sorted(known))} but received {', '.join(sorted(unknown))}.")
        augment = AugmentSettings(**values.get("augment", {}))
        return TrainConfig(**{**values, "augment": augment})
