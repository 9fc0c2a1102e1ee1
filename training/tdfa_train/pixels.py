"""Pictures as networks take them."""

from torch import Tensor


def scale_pixels(values: Tensor) -> Tensor:
    """0..255 to about -1..1."""
    return (values - 127.5) / 128


def to_planes(image: Tensor) -> Tensor:
    """uint8 [N,H,W,3] RGB to float32 [N,3,H,W], about -1..1."""
    return scale_pixels(image.permute(0, 3, 1, 2).float())
