"""What cameras, compressors and light do to a picture, and things in front of faces. uint8 [H,W,3] in and out."""

import cv2
import numpy as np

Random = np.random.Generator


def recolour(random: Random, pixels: np.ndarray) -> np.ndarray:
    """Saturation down to grey, contrast, brightness, gain of each channel, gamma."""
    if random.random() < 0.5:
        amount = 0.0 if random.random() < 0.3 else random.uniform(0.4, 1.5)
        weights = np.float32([[0.299, 0.587, 0.114]]).repeat(3, 0)
        pixels = cv2.transform(pixels, weights * (1 - amount) + np.eye(3, dtype=np.float32) * amount)
    ramp = np.linspace(0, 1, 256)[:, None]
    middle = pixels.mean() / 255
    ramp = (ramp - middle) * np.exp(random.normal(0, 0.2)) + middle * np.exp(random.normal(0, 0.25))
    ramp = np.clip(ramp * np.exp(random.normal(0, 0.07, 3)), 0, 1) ** np.exp(random.normal(0, 0.25))
    return cv2.LUT(pixels, (ramp * 255).round().astype(np.uint8)[None])


def blur(random: Random, pixels: np.ndarray) -> np.ndarray:
    """Out of focus, moved, or sharpened by the camera."""
    kind = random.integers(3)
    if kind == 0:
        return cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 1.8))
    if kind == 1:
        length = int(random.choice([3, 5, 7]))
        kernel = np.zeros((length, length), np.float32)
        middle, angle = length // 2, random.uniform(0, np.pi)
        reach = middle * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(kernel, [int(v) for v in (middle - reach).round()], [int(v) for v in (middle + reach).round()], 1.0)
        return cv2.filter2D(pixels, -1, kernel / kernel.sum())
    soft = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.8, 2.0))
    amount = random.uniform(0.3, 1.2)
    return cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0)


def add_noise(random: Random, pixels: np.ndarray) -> np.ndarray:
    noise = random.standard_normal(pixels.shape, np.float32) * random.uniform(2, 14)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def compress(random: Random, pixels: np.ndarray) -> np.ndarray:
    quality = int(random.integers(20, 80))
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def occlude(random: Random, pixels: np.ndarray, boxes: list[np.ndarray]) -> None:
    """Covers a piece of some faces with a plain colour, in place."""
    for box in boxes:
        if random.random() < 0.12:
            size = box[2:] - box[:2]
            half = size * random.uniform(0.1, 0.28, 2)
            centre = box[:2] + size * random.uniform(0, 1, 2)
            (x1, y1), (x2, y2) = np.clip(centre - half, 0, None).astype(int), np.clip(centre + half, 0, None).astype(int)
            pixels[y1:y2, x1:x2] = random.uniform(0, 255, 3)


def degrade(random: Random, pixels: np.ndarray, boxes: list[np.ndarray]) -> np.ndarray:
    """Each with its chance; the result may be the array that came in."""
    occlude(random, pixels, boxes)
    for step, chance in ((blur, 0.3), (recolour, 0.9), (add_noise, 0.2), (compress, 0.2)):
        if random.random() < chance:
            pixels = step(random, pixels)
    return pixels
