"""Where faces are looked for, which findings are one face, and how a head is turned."""

import math

import numpy as np
import pytest
from geometry import Box, Points, Sighting, distinct, head_pose, is_cut_by, windows


def a_head(yaw_degrees: float = 0, pitch_degrees: float = 0, roll_degrees: float = 0) -> Points:
    """A mesh of which only the cheeks, forehead and chin stand where they belong, turned as told."""
    mesh = np.zeros((478, 3))
    mesh[234], mesh[454], mesh[10], mesh[152] = (-75, 0, 20), (75, 0, 20), (0, -85, 0), (0, 90, 0)
    yaw, pitch, roll = (math.radians(degrees) for degrees in (yaw_degrees, pitch_degrees, roll_degrees))
    about_y = np.array([[math.cos(yaw), 0, -math.sin(yaw)], [0, 1, 0], [math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    turned: Points = mesh @ about_z.T @ about_x.T @ about_y.T + np.array([300, 200, 0])
    return turned


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (40, 0), (-40, 0), (0, 30), (0, -30), (25, 15)])
def test_the_pose_of_a_turned_head_is_read_from_its_mesh(yaw: float, pitch: float) -> None:
    assert head_pose(a_head(yaw, pitch)) == pytest.approx((yaw, pitch), abs=0.1)


def test_a_head_tilted_to_the_shoulder_still_looks_into_the_camera() -> None:
    assert head_pose(a_head(roll_degrees=30)) == pytest.approx((0, 0), abs=0.1)


@pytest.mark.parametrize(("width", "height"), [(4096, 3072), (3072, 4096), (1025, 700), (4096, 200), (1024, 1024)])
def test_a_small_face_lies_whole_in_some_window_wherever_it_is(width: int, height: int) -> None:
    searched = list(windows(width, height, side=1024, overlap=320))
    face = 300

    for x in range(0, max(width - face, 1), 60):
        for y in range(0, max(height - face, 1), 60):
            inside = Box(x, y, min(face, width), min(face, height))
            assert any(window.overlap(inside) == 1 for window in searched), inside
    assert all(window.x >= 0 and window.y >= 0 and window.right <= width and window.bottom <= height for window in searched)


def test_a_finding_at_an_inner_border_of_its_window_is_part_of_something_larger() -> None:
    window = Box(500, 0, 1000, 1000)

    assert is_cut_by(window, Box(495, 300, 100, 100), 3000, 1000)
    assert is_cut_by(window, Box(1450, 300, 100, 100), 3000, 1000)
    assert not is_cut_by(window, Box(700, -5, 100, 100), 3000, 1000)
    assert not is_cut_by(window, Box(700, 300, 100, 100), 3000, 1000)


def test_one_face_seen_in_two_windows_is_one_face_and_the_larger_face_comes_first() -> None:
    small, again = Sighting(Box(100, 100, 80, 80), 0.8), Sighting(Box(104, 98, 90, 90), 0.9)
    large = Sighting(Box(400, 100, 200, 200), 0.7)

    assert distinct([small, large, again]) == [large, again]


def test_a_box_is_clipped_to_the_picture() -> None:
    assert Box(-10, 20, 50, 50).clipped(30, 40) == Box(0, 20, 30, 20)
    assert Box(100, 100, 50, 50).clipped(30, 40).area == 0
