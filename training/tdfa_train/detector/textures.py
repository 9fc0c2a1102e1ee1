"""Pictures of nothing, drawn from random numbers: backgrounds without a face. All uint8 [H,W,3]."""

import cv2
import numpy as np

Random = np.random.Generator


def colour(random: Random) -> np.ndarray:
    """Any colour; often that of skin, or skin-coloured things would all be faces."""
    if random.random() < 0.3:
        return np.array([200, 150, 120]) * random.uniform(0.3, 1.25) + random.normal(0, 12, 3)
    return random.uniform(0, 255, 3)


def plain(random: Random, width: int, height: int) -> np.ndarray:
    """A colour, running into another."""
    run = np.linspace(0, 1, width)[None, :, None] * random.random() + np.linspace(0, 1, height)[:, None, None] * random.random()
    first, second = colour(random), colour(random)
    return np.clip(first + (second - first) * run * random.choice([0, 1]), 0, 255).astype(np.uint8)


def clouds(random: Random, width: int, height: int) -> np.ndarray:
    """Noise of several scales, coloured or not."""
    total = np.zeros((height, width, 3), np.float32)
    roughness = random.uniform(0.35, 0.9)
    channels = 3 if random.random() < 0.4 else 1
    for octave in range(2, 7):
        small = random.normal(0, roughness ** (octave - 2), (2**octave, 2**octave, channels)).astype(np.float32)
        total += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).reshape(height, width, channels)
    return np.clip(colour(random) + total * random.uniform(10, 60), 0, 255).astype(np.uint8)


def stripes(random: Random, width: int, height: int) -> np.ndarray:
    """Waves across each other: cloth, bars, boards, tiles."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    total = np.zeros((height, width))
    for _ in range(random.integers(1, 3)):
        angle, length = random.uniform(0, np.pi), random.uniform(4, 60)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length + random.uniform(0, 6))
        total += np.sign(wave) if random.random() < 0.5 else wave
    mix = (0.5 + total / 4)[..., None]
    return np.clip(colour(random) * mix + colour(random) * (1 - mix), 0, 255).astype(np.uint8)


def shapes(random: Random, width: int, height: int) -> np.ndarray:
    """Ellipses, boxes, lines and letters on a plain ground; spots in pairs too, which look like eyes to a beginner."""
    canvas = np.ascontiguousarray(clouds(random, width, height) if random.random() < 0.3 else plain(random, width, height))
    largest = min(width, height) / 2
    for _ in range(random.integers(3, 25)):
        tint = [int(value) for value in np.clip(colour(random), 0, 255)]
        centre = [int(random.uniform(0, width)), int(random.uniform(0, height))]
        size = [int(2 + random.uniform(0, 1) ** 2 * largest) for _ in range(2)]
        kind, thickness = random.integers(5), int(random.choice([-1, 1, 3]))
        if kind == 0:
            cv2.rectangle(canvas, centre, [centre[0] + size[0], centre[1] + size[1]], tint, thickness)
        elif kind == 1:
            cv2.line(canvas, centre, [int(random.uniform(0, width)), int(random.uniform(0, height))], tint, abs(thickness))
        elif kind == 2:
            text = "".join(chr(code) for code in random.integers(33, 126, 5))
            cv2.putText(canvas, text, centre, cv2.FONT_HERSHEY_SIMPLEX, size[0] / 40, tint, abs(thickness), cv2.LINE_AA)
        else:
            angle = random.uniform(0, 180)
            for side in (0, 3 * size[0]) if kind == 3 else (0,):
                cv2.ellipse(canvas, [centre[0] + side, centre[1]], size, angle, 0, 360, tint, thickness, cv2.LINE_AA)
    return canvas


def body(random: Random, width: int, height: int) -> np.ndarray:
    """A trunk in cloth with bare arms and a neck: bright between skin, as a face in a mask is, but no face."""
    canvas = plain(random, width, height) // int(random.choice([1, 1, 4]))
    skin = [int(value) for value in np.clip(np.array([215, 165, 135]) * random.uniform(0.4, 1.15) + random.normal(0, 8, 3), 0, 255)]
    cloth = np.clip(random.uniform(190, 255) + random.normal(0, 8, 3) if random.random() < 0.5 else colour(random), 0, 255)
    side = min(width, height) * random.uniform(0.2, 0.7)
    x, y = random.uniform(0.3, 0.7, 2) * [width, height]
    outline = np.array([[-0.2, -0.6], [0.2, -0.6], [0.45, -0.45], [0.36, 0.1], [0.5, 1], [-0.5, 1], [-0.36, 0.1], [-0.45, -0.45]])
    points = (outline * random.uniform(0.8, 1.2, outline.shape) * side + [x, y]).astype(np.int32)
    cv2.ellipse(canvas, (int(x), int(y - 0.7 * side)), (int(0.17 * side), int(0.45 * side)), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for shoulder, hand in ((2, 0.75), (7, -0.75)):
        if random.random() < 0.8:
            end = (int(x + random.normal(hand, 0.25) * side), int(y + random.uniform(0.2, 0.9) * side))
            cv2.line(canvas, points[shoulder].tolist(), end, skin, max(2, int(0.2 * side)), cv2.LINE_AA)
    cv2.fillPoly(canvas, [points], cloth.tolist(), cv2.LINE_AA)
    for _ in range(random.integers(0, 7)):
        fold = (random.uniform(-0.5, 0.5, (2, 2)) * side + [x, y + 0.2 * side]).astype(int)
        cv2.line(canvas, fold[0].tolist(), fold[1].tolist(), (cloth * random.uniform(0.6, 1)).tolist(), max(1, int(0.03 * side)), cv2.LINE_AA)
    light = clouds(random, width, height).mean(2, keepdims=True)
    return np.clip(cv2.GaussianBlur(canvas, (0, 0), 0.3 + 0.02 * side) * (0.6 + 0.4 * light / light.max()), 0, 255).astype(np.uint8)


KINDS = (plain, clouds, stripes, shapes, shapes, body, body, body, body)


def texture(random: Random, width: int, height: int) -> np.ndarray:
    """One of them."""
    return KINDS[random.integers(len(KINDS))](random, width, height)
