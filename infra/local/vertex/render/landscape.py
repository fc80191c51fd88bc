"""Paints the picture of a text-to-video request: a dusk landscape whose palette and ridges follow from a seed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.local.vertex.render.pixels import Pixels, as_pixels
from infra.local.vertex.render.scene import SceneSize, resize

# Sky at the zenith, sky at the horizon, sun, nearest ridge (RGB).
PALETTES = (
    ((24, 32, 78), (250, 150, 98), (255, 226, 178), (20, 18, 38)),
    ((18, 60, 92), (248, 206, 142), (255, 246, 214), (14, 34, 44)),
    ((62, 28, 84), (246, 120, 132), (255, 214, 190), (28, 12, 40)),
    ((10, 22, 52), (92, 158, 190), (232, 244, 255), (6, 14, 28)),
    ((88, 120, 150), (238, 222, 204), (255, 250, 236), (46, 58, 62)),
    ((14, 46, 48), (214, 178, 96), (255, 236, 168), (12, 26, 22)),
)
RIDGES = 5
# Painted no larger than this and scaled up: soft shapes lose nothing, and 4k would cost seconds and a gigabyte.
LARGEST_SIDE = 2150


def paint_landscape(generator: np.random.Generator, size: SceneSize) -> Pixels:
    """Return a scene of `size`; the same generator state paints the same picture."""
    reduction = min(1.0, LARGEST_SIDE / max(size.width, size.height))
    painted = _paint(generator, SceneSize(round(size.width * reduction), round(size.height * reduction)))
    return resize(painted, size.width, size.height)


def _paint(generator: np.random.Generator, size: SceneSize) -> Pixels:
    zenith, horizon_colour, sun_colour, ground = (
        np.asarray(colour, np.float32) for colour in PALETTES[int(generator.integers(len(PALETTES)))]
    )
    horizon = generator.uniform(0.52, 0.64)
    rows = np.linspace(0, 1, size.height, dtype=np.float32)[:, None, None]
    blend = np.clip(rows / horizon, 0, 1) ** 1.4
    scene = np.broadcast_to(zenith * (1 - blend) + horizon_colour * blend, (size.height, size.width, 3)).copy()
    _add_clouds(scene, generator, horizon, sun_colour)
    _add_sun(scene, generator, horizon, sun_colour)
    for ridge in range(RIDGES):
        nearness = (ridge + 1) / RIDGES
        colour = horizon_colour * 0.78 * (1 - nearness) + ground * nearness
        base = horizon + (0.98 - horizon) * (ridge / RIDGES) ** 1.15
        _add_ridge(scene, generator, base, roughness=0.045 + 0.085 * nearness, colour=colour)
    grain = generator.normal(0, 1.6, scene.shape[:2]).astype(np.float32)
    return as_pixels((scene + grain[..., None]).clip(0, 255))


def _noise(generator: np.random.Generator, height: int, width: int, cells: int) -> NDArray[np.float32]:
    """Smooth fractal noise in 0..1."""
    total = np.zeros((height, width), np.float32)
    for octave in range(5):
        grid_width = cells * 2**octave
        # Cells are three times as wide as high, in an upright picture too: clouds are flat.
        grid = generator.random((max(2, round(grid_width * 3 * height / width)), grid_width), np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def _add_clouds(scene: NDArray[np.float32], generator: np.random.Generator, horizon: float, light: NDArray[np.float32]) -> None:
    height, width = scene.shape[:2]
    sky = int(height * horizon)
    clouds = np.clip((_noise(generator, sky, width, 2) - 0.52) * 2.6, 0, 1)
    clouds *= np.linspace(0.25, 0.85, sky, dtype=np.float32)[:, None]
    opacity = (clouds * 0.6)[..., None]
    scene[:sky] = scene[:sky] * (1 - opacity) + light * opacity


def _add_sun(scene: NDArray[np.float32], generator: np.random.Generator, horizon: float, colour: NDArray[np.float32]) -> None:
    height, width = scene.shape[:2]
    centre_x, centre_y = generator.uniform(0.22, 0.78) * width, horizon * generator.uniform(0.58, 0.86) * height
    radius = min(height, width) * generator.uniform(0.05, 0.085)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(x - centre_x, y - centre_y) / radius
    disc = np.clip((1.04 - distance) / 0.06, 0, 1)
    glow = 0.75 * np.exp(-np.maximum(distance - 1, 0) / 2.6)
    opacity = np.maximum(disc, glow)[..., None]
    scene[:] = scene * (1 - opacity) + colour * opacity


def _add_ridge(
    scene: NDArray[np.float32], generator: np.random.Generator, base: float, *, roughness: float, colour: NDArray[np.float32]
) -> None:
    height, width = scene.shape[:2]
    profile = np.zeros(width, np.float32)
    position = np.linspace(0, 1, width, dtype=np.float32)
    for octave in range(6):
        knots = generator.random(4 * 2**octave + 1)
        profile += np.interp(position, np.linspace(0, 1, knots.size), knots - 0.5).astype(np.float32) / 1.9**octave
    edge = (base - profile * roughness) * height
    rows = np.arange(height, dtype=np.float32)[:, None]
    inside = np.clip(rows - edge[None, :] + 0.5, 0, 1)[..., None]
    # Haze: a ridge is lighter at its foot, where the next valley begins.
    depth = np.clip((rows - edge[None, :]) / (0.28 * height), 0, 1)[..., None]
    scene[:] = scene * (1 - inside) + colour * (1 + 0.22 * depth) * inside
