"""The app's two icons, drawn here: a speech bubble with a heartbeat in it. `python -m manifest.icons` writes the PNG files.

Teams asks for a full-bleed colour icon of 192x192 whose sign stays inside the middle 120x120, and for a white outline of
32x32 on nothing.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]
Pixel = tuple[float, float, float, float]
"""Red, green, blue and opacity, 0 to 1."""

FOLDER = Path(__file__).parent
_SAMPLES = 4  # each way in a pixel: enough for smooth edges

_TOP, _BOTTOM = (0.043, 0.239, 0.310), (0.055, 0.420, 0.455)  # deep sea to teal
_WHITE, _MINT = (1.0, 1.0, 1.0), (0.365, 0.906, 0.757)
_BUBBLE = (0.0, -0.06, 0.62, 0.46, 0.17)  # centre x, y, half width, half height, corner; the drawing spans -1 to 1
_TAIL: tuple[Point, Point, Point] = ((-0.40, 0.36), (-0.02, 0.36), (-0.36, 0.68))
_BEAT: tuple[Point, ...] = ((-0.46, -0.04), (-0.22, -0.04), (-0.11, -0.28), (0.05, 0.20), (0.16, -0.04), (0.46, -0.04))


def color(size: int = 192) -> bytes:
    """The colour icon as a PNG."""

    def paint(point: Point) -> Pixel:
        x, y = point[0] * 1.55, point[1] * 1.55
        if _bubble((x, y)) < 0:
            return (*(_TOP if _line((x, y), _BEAT) < 0.055 else _WHITE), 1)
        down = (point[1] + 1) / 2
        red, green, blue = (top + (bottom - top) * down for top, bottom in zip(_TOP, _BOTTOM, strict=True))
        return (*(_MINT if abs(_bubble((x, y)) - 0.09) < 0.028 else (red, green, blue)), 1)

    return _png(size, paint)


def outline(size: int = 32) -> bytes:
    """The white outline as a PNG; everything else is transparent."""

    def paint(point: Point) -> Pixel:
        at = (point[0] * 0.74, point[1] * 0.74)
        inside = abs(_bubble(at) + 0.04) < 0.04 or _line(at, _BEAT) < 0.045
        return (*_WHITE, 1 if inside else 0)

    return _png(size, paint)


def _bubble(point: Point) -> float:
    """The distance to the bubble's edge, negative inside."""
    x, y, half_width, half_height, corner = _BUBBLE
    across, down = abs(point[0] - x) - half_width + corner, abs(point[1] - y) - half_height + corner
    box = math.hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - corner
    return min(box, _triangle(point, _TAIL))


def _triangle(point: Point, corners: tuple[Point, Point, Point]) -> float:
    """The distance to a triangle's edge, negative inside."""
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    edge = min(_segment(point, a, b) for a, b in sides)
    turns = [(b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) for a, b in sides]
    return -edge if all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns) else edge


def _line(point: Point, corners: tuple[Point, ...]) -> float:
    return min(_segment(point, a, b) for a, b in pairwise(corners))


def _segment(point: Point, a: Point, b: Point) -> float:
    along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2)
    share = min(max(along, 0), 1)
    return math.hypot(point[0] - a[0] - share * (b[0] - a[0]), point[1] - a[1] - share * (b[1] - a[1]))


def _png(size: int, paint: Callable[[Point], Pixel]) -> bytes:
    """An RGBA PNG of `paint`, whose point runs from -1 to 1 both ways."""
    rows = (b"\0" + b"".join(_pixel(size, x, y, paint) for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks: Iterable[tuple[bytes, bytes]] = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    body = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def _pixel(size: int, x: int, y: int, paint: Callable[[Point], Pixel]) -> bytes:
    steps = [(index + 0.5) / _SAMPLES for index in range(_SAMPLES)]
    samples = [paint(((x + across) * 2 / size - 1, (y + down) * 2 / size - 1)) for down in steps for across in steps]
    opacity = sum(sample[3] for sample in samples)
    weighted = [sum(sample[part] * sample[3] for sample in samples) / opacity if opacity else 1.0 for part in range(3)]
    return bytes(round(value * 255) for value in (*weighted, opacity / len(samples)))


if __name__ == "__main__":
    (FOLDER / "color.png").write_bytes(color())
    (FOLDER / "outline.png").write_bytes(outline())
