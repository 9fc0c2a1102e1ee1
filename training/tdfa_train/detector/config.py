"""Everything that decides how a run of the detector goes."""

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class DetectorConfig:
    channels: int = 64
    """Of everything from stride 8 on."""
    steps: int = 9000
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
    learning_rate: float = 3e-3
    weight_decay: float = 5e-4
    warmup: int = 200
    """Steps of linear rise."""
    decay: float = 0.5
    """Last part of the steps over which the rate falls to zero."""
    ema: float = 0.998
    """Share of the old in the running mean of the weights, which is what gets evaluated and exported."""
    box_weight: float = 5.0
    """Of the box loss beside the two cross-entropies."""
    seed: int = 1

    def to_dict(self) -> dict:
        return asdict(self)

    @staticmethod
    def from_dict(values: dict) -> "DetectorConfig":
        known = {entry.name for entry in fields(DetectorConfig)}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"Expected settings among {', '.join(sorted(known))} but received {', '.join(sorted(unknown))}.")
        return DetectorConfig(**values)
