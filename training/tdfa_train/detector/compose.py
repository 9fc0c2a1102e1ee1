"""Training pictures put together: mosaics, single pictures, crowds of small faces, and pictures whose faces were taken away."""

from math import radians

import cv2
import numpy as np

from .data import Picture, Pictures, no_boxes
from .place import Area, Scene, move_matrix, put
from .textures import texture

Random = np.random.Generator
TURN = radians(30)


def turn(random: Random) -> float:
    """Radians; mostly nearly upright."""
    return float(random.uniform(-TURN, TURN) if random.random() < 0.35 else random.normal(0, radians(5)))


def ground(random: Random, pictures: Pictures, width: int, height: int) -> np.ndarray:
    """What shows where no picture lies: black as the product's padding, a drawn texture or a picture without a face."""
    kind = random.random()
    if kind < 0.35:
        return np.zeros((height, width, 3), np.uint8)
    if kind < 0.75:
        return texture(random, width, height)
    return without_face(random, pictures, width, height)


def without_face(random: Random, pictures: Pictures, width: int, height: int) -> np.ndarray:
    """A picture that has none, or a part of it, that fills the size."""
    source = pictures.empty[random.integers(len(pictures.empty))].pixels
    scene = Scene(np.zeros((height, width, 3), np.uint8))
    scale = max(width / source.shape[1], height / source.shape[0]) * random.uniform(1.0, 1.6)
    middle = (source.shape[1] / 2, source.shape[0] / 2)
    matrix = move_matrix(middle, (width / 2, height / 2), scale, turn(random), random.random() < 0.5)
    put(scene, Picture(source, no_boxes()), Area(0, 0, width, height), matrix)
    return scene.pixels


def faceless(random: Random, pictures: Pictures, picture: Picture) -> Picture:
    """A frame whose faces are covered: by what lies elsewhere, by their own pixels in disorder, or by their lower part."""
    pixels = picture.pixels.copy()
    height, width = pixels.shape[:2]
    for box in np.concatenate([picture.boxes, picture.unsure]):
        grown = box + 0.12 * (box[2:] - box[:2]).repeat(2)[[0, 2, 1, 3]] * [-1, -1, 1, 1]
        x1, y1, x2, y2 = np.clip(grown, 0, [width, height, width, height]).astype(int)
        if x2 - x1 >= 4 and y2 - y1 >= 4:
            pixels[y1:y2, x1:x2] = cover(random, pictures, pixels[y1:y2, x1:x2])
    return Picture(pixels, no_boxes())


def cover(random: Random, pictures: Pictures, face: np.ndarray) -> np.ndarray:
    height, width = face.shape[:2]
    kind = random.integers(5)
    if kind == 0:
        return without_face(random, pictures, width, height)
    if kind == 1:
        return texture(random, width, height)
    return shuffled(random, face) if kind == 2 else eyeless(face)


def eyeless(face: np.ndarray) -> np.ndarray:
    """Its lower part, a mask often, drawn out over all of it: or whatever is bright below something skin-coloured is a face."""
    return cv2.resize(face[int(0.55 * len(face)) :], face.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def shuffled(random: Random, pixels: np.ndarray) -> np.ndarray:
    """Its pieces in another order: skin, hair and eyes are there, but no face."""
    parts = int(random.integers(4, 7))
    height, width = (side // parts * parts for side in pixels.shape[:2])
    if min(height, width) < 2 * parts:
        return np.broadcast_to(pixels.mean((0, 1)).astype(np.uint8), pixels.shape)
    pieces = pixels[:height, :width].reshape(parts, height // parts, parts, width // parts, 3).swapaxes(1, 2).reshape(parts**2, -1)
    mixed = random.permutation(pieces).reshape(parts, parts, height // parts, width // parts, 3).swapaxes(1, 2)
    result = pixels.copy()
    result[:height, :width] = mixed.reshape(height, width, 3)
    return result


def any_frame(random: Random, pictures: Pictures) -> Picture:
    return pick(random, pictures.frames, pictures.heads, 0.12)


def pick(random: Random, pictures: list[Picture], heads: list[Picture], part: float) -> Picture:
    """Any of the pictures; in a `part` of the cases one of the turned heads, where there are some."""
    chosen = heads if heads and random.random() < part else pictures
    return chosen[random.integers(len(chosen))]


def put_frame(random: Random, scene: Scene, picture: Picture, area: Area, smallest: float, largest: float) -> None:
    """
    One of the picture's faces at a random place of the area, its side drawn between the two, small and large alike often; in half
    of the cases enlarged and moved as needed to leave no gap beside the picture.
    """
    box = pick_box(random, picture)
    side = np.sqrt(np.prod(box[2:] - box[:2]))
    wanted = np.exp(random.uniform(np.log(smallest), np.log(largest)))
    room, size = np.array([area.width, area.height]), np.array(picture.pixels.shape[1::-1])
    scale, mirror, source = wanted / side, random.random() < 0.5, (box[:2] + box[2:]) / 2
    if random.random() < 0.5:
        scale = max(scale, (room / size).max())
        before = scale * np.where([mirror, False], size - source, source)
        target = random.uniform(np.minimum(room - (scale * size - before), before), before)
    else:
        reach = np.minimum(0.5, 0.45 * wanted / room)
        target = random.uniform(reach, 1 - reach) * room
    matrix = move_matrix(tuple(source), tuple(target), scale, turn(random), mirror)
    put(scene, picture, area, matrix, random.random() < 0.7)


def pick_box(random: Random, picture: Picture) -> np.ndarray:
    """One of its faces, or a square somewhere in the middle where it has none."""
    if len(picture.boxes):
        return picture.boxes[random.integers(len(picture.boxes))]
    size = np.array(picture.pixels.shape[1::-1])
    middle, half = random.uniform(0.3, 0.7, 2) * size, random.uniform(0.1, 0.25) * size.min()
    return np.concatenate([middle - half, middle + half])


def single(random: Random, pictures: Pictures, side: int) -> Scene:
    scene = Scene(ground(random, pictures, side, side))
    put_frame(random, scene, any_frame(random, pictures), Area(0, 0, side, side), max(12.0, side / 10), 1.1 * side)
    return scene


def mosaic(random: Random, pictures: Pictures, side: int) -> Scene:
    """Four frames around a random point; some without their faces."""
    scene = Scene(ground(random, pictures, side, side))
    x, y = (int(value) for value in random.uniform(0.3, 0.7, 2) * side)
    for area in (Area(0, 0, x, y), Area(x, 0, side - x, y), Area(0, y, x, side - y), Area(x, y, side - x, side - y)):
        picture = any_frame(random, pictures)
        if random.random() < 0.25:
            picture = faceless(random, pictures, picture)
        put_frame(random, scene, picture, area, 11.0, 0.9 * min(area.width, area.height))
    return scene


def crowd(random: Random, pictures: Pictures, side: int) -> Scene:
    """A grid of crops and whole frames; many cells hold no face, or every edge between cells would promise one."""
    count = int(random.choice([2, 3, 3, 4, 5, 6]))
    edges = np.linspace(0, side, count + 1).astype(int)
    scene = Scene(ground(random, pictures, side, side))
    for top, bottom in zip(edges, edges[1:]):
        for left, right in zip(edges, edges[1:]):
            area = Area(int(left), int(top), int(right - left), int(bottom - top))
            fill_cell(random, scene, pictures, area)
    return scene


def fill_cell(random: Random, scene: Scene, pictures: Pictures, area: Area) -> None:
    view = scene.pixels[area.y : area.y + area.height, area.x : area.x + area.width]
    kind = random.random()
    if kind < 0.15:
        return
    if kind < 0.5 and min(area.width, area.height) >= 32:
        put_frame(random, scene, any_frame(random, pictures), area, 10.0, 12.0)
        return
    if kind < 0.6:
        view[:] = ground(random, pictures, area.width, area.height)
        return
    picture = pick(random, pictures.crops, pictures.heads, 0.3)
    if kind < 0.68:
        picture = Picture(shuffled(random, picture.pixels), no_boxes())
    size = min(area.width, area.height) / picture.pixels.shape[0] * np.exp(random.normal(0.1, 0.25))
    place = np.array([area.width, area.height]) / 2 + random.normal(0, 0.1, 2) * min(area.width, area.height)
    matrix = move_matrix((72.0, 72.0), tuple(place), size, turn(random), random.random() < 0.5)
    put(scene, picture, area, matrix, random.random() < 0.7)


def empty(random: Random, pictures: Pictures, side: int) -> Scene:
    """No face at all."""
    kind = random.random()
    if kind < 0.3:
        return Scene(texture(random, side, side))
    if kind < 0.6:
        return Scene(without_face(random, pictures, side, side))
    scene = Scene(ground(random, pictures, side, side))
    put_frame(random, scene, faceless(random, pictures, any_frame(random, pictures)), Area(0, 0, side, side), side / 6, side)
    return scene


KINDS = ((single, 0.36), (mosaic, 0.32), (crowd, 0.18), (empty, 0.14))


def compose(random: Random, pictures: Pictures, side: int) -> Scene:
    """A square scene of one of the kinds."""
    makers, chances = zip(*KINDS)
    return makers[random.choice(len(makers), p=chances)](random, pictures, side)
