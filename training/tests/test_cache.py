"""What is written to disk, and what is found there again."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tdfa_train.checkpoint import save_checkpoint
from tdfa_train.data.cache import open_cache, split, write_cache
from tdfa_train.files import replacing


def write(folder: Path, value: int, count: int = 4) -> None:
    write_cache(folder, [np.full((144, 144, 3), value, np.uint8)] * count, np.full((count, 62), value))


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_cache_comes_back_as_it_was_written(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 144, 144, 3), np.uint8)
    write_cache(tmp_path, images[:, ::-1, ::-1], np.arange(3 * 62).reshape(3, 62))
    cache = open_cache(tmp_path)
    np.testing.assert_array_equal(cache.images, images[:, ::-1, ::-1])
    assert cache.params.dtype == np.float32 and cache.params[2, 61] == 185
    assert cache.photos.tolist() == [0, 1, 2]


def test_no_photograph_is_in_both_parts(tmp_path: Path) -> None:
    photos = [4, 4, 1, 1, 1, 1, 0, 0]
    images = [np.full((144, 144, 3), 7, np.uint8)] * 8
    write_cache(tmp_path, images, np.zeros((8, 62)), np.array(photos))
    parts = [[part.photos.tolist() for part in split(open_cache(tmp_path), held_out)] for held_out in (0, 1, 2, 3, 6)]
    assert parts == [[photos, []], [photos[:6], [0]], [photos[:6], [0, 0]], [[4, 4], [1, 0, 0]], [[4, 4], photos[2:]]]
    with pytest.raises(ValueError, match="more than the 7 crops"):
        split(open_cache(tmp_path), 7)


def test_in_an_older_cache_each_crop_is_of_another_photograph(tmp_path: Path) -> None:
    write(tmp_path, 7)
    np.savez(tmp_path / "labels.npz", params=np.zeros((4, 62), np.float32), content=np.zeros((4, 4)))
    assert [len(part) for part in split(open_cache(tmp_path), 1)] == [3, 1]


def test_a_new_cache_leaves_alone_what_is_mapped_or_linked(tmp_path: Path) -> None:
    write(tmp_path / "old", 7)
    (tmp_path / "linked").mkdir()
    for name in ("images.npy", "labels.npz"):
        os.link(tmp_path / "old" / name, tmp_path / "linked" / name)
    mapped = open_cache(tmp_path / "old")
    write(tmp_path / "old", 99)
    assert (open_cache(tmp_path / "old").images == 99).all()
    assert (mapped.images == 7).all() and (open_cache(tmp_path / "linked").images == 7).all()


def shorten(folder: Path) -> None:
    with (folder / "images.npy").open("r+b") as file:
        file.truncate(1000)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda folder: (folder / "images.npy").write_bytes(b""),
    "garbage": lambda folder: (folder / "images.npy").write_bytes(b"none of these"),
    "short": shorten,
    "fewer images": lambda folder: np.save(folder / "images.npy", np.zeros((2, 144, 144, 3), np.uint8)),
    "other photos": lambda folder: np.savez(folder / "labels.npz", params=np.zeros((4, 62)), content=np.zeros((4, 4)), photos=np.zeros(3)),
    "other content": lambda folder: np.savez(folder / "labels.npz", params=np.zeros((4, 62)), content=np.zeros((2, 4))),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_cache_is_refused(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    write(tmp_path, 7)
    damage(tmp_path)
    with pytest.raises(ValueError, match="prepare the cache anew"):
        open_cache(tmp_path)


def test_a_full_disk_is_the_systems_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path, 7)
    (tmp_path / "last.pt").write_bytes(b"before")
    with full_disk(100_000):
        with pytest.raises(OSError, match="images.npy but the system refuses: File too large"):
            write(tmp_path, 99)
        with pytest.raises(OSError, match="too large"):
            save_checkpoint(tmp_path, {"weights": np.zeros(50_000).tolist()})
    assert {path.name for path in tmp_path.iterdir()} == {"images.npy", "labels.npz", "last.pt"}
    assert (open_cache(tmp_path).images == 7).all() and (tmp_path / "last.pt").read_bytes() == b"before"


def test_a_disk_that_a_copy_fills_is_told_by_the_name_that_was_to_be(tmp_path: Path) -> None:
    (tmp_path / "from").write_bytes(bytes(200_000))
    with full_disk(100_000), pytest.raises(OSError, match="to write .*cache/images.npy but the system refuses: File too large"):
        with replacing(tmp_path / "cache/images.npy") as temporary:
            shutil.copyfile(tmp_path / "from", temporary)


def test_what_a_kill_left_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "file"
    killed = replacing(path)
    killed.__enter__().write_bytes(b"half")
    with replacing(path) as temporary:
        assert not temporary.exists()
        temporary.write_bytes(b"whole")
    assert [(left.name, left.read_bytes()) for left in tmp_path.iterdir()] == [("file", b"whole")]
