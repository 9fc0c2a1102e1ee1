"""How strongly to augment."""

import math
from dataclasses import dataclass

from ..settings import check_range


@dataclass(frozen=True)
class AugmentSettings:
    profile: float = 0.5
    """Part of the batch whose heads are turned in 3D."""
    largest_yaw: float = 90.0
    """Turned heads reach uniformly up to this many degrees."""
    pitch: float = 10.0
    """Standard deviation in degrees of the pitch that is added along with yaw."""
    roll: float = 15.0
    """Standard deviation in degrees of in-plane rotation; one in eight gets twice that."""
    scale: float = 0.08
    """Standard deviation of the logarithm of the region's side."""
    shift: float = 0.03
    """Standard deviation of the region's centre as a part of its side."""
    background: float = 0.5
    """Part of the pictures with black surround that get another picture's content there."""
    mirror: float = 0.5
    """Part of the batch that is mirrored."""
    colour: bool = True
    """Light, noise, blur, lost resolution, things and hair in front of the face."""
    blink: float = 0.0
    """Part of the turned heads whose eyes are closed, more or less; needs a face model with eyeBlinkLeft and eyeBlinkRight."""
    clip_frames: int = 1
    """Above 1, batches consist of synthetic clips of this many frames (3DDFA_V2, section 3.4)."""

    def __post_init__(self) -> None:
        check_range(self, 0, 1, "profile", "background", "mirror", "blink")
        check_range(self, 0, 180, "largest_yaw")
        check_range(self, 1, math.inf, "clip_frames")
