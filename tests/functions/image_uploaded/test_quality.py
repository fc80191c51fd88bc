"""The gates: which faces can be recognised, and what is said about the others."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from geometry import Box
from payload import FaceProblem
from quality import FaceMeasures, assess, sharpness_and_luma

FAULTLESS = FaceMeasures(detection_score=0.95, width_px=400, pose=(3.0, -2.0), sharpness=300, luma=130, at_edge=False)


def test_a_faultless_face_scores_one_without_problems_or_warnings() -> None:
    quality = assess(FAULTLESS)

    assert (quality.score, quality.problems, quality.warnings) == (1.0, (), ())


@pytest.mark.parametrize(
    ("measures", "problem"),
    [
        (replace(FAULTLESS, width_px=79.9), "face_too_small"),
        (replace(FAULTLESS, detection_score=0.69), "face_unclear"),
        (replace(FAULTLESS, pose=(35.1, 0)), "face_turned_away"),
        (replace(FAULTLESS, pose=(-35.1, 0)), "face_turned_away"),
        (replace(FAULTLESS, pose=(0, 25.1)), "face_turned_away"),
        (replace(FAULTLESS, pose=(0, -25.1)), "face_turned_away"),
        (replace(FAULTLESS, pose=None), "face_unclear"),
        (replace(FAULTLESS, sharpness=19.9), "face_blurred"),
        (replace(FAULTLESS, luma=49.9), "face_dark"),
        (replace(FAULTLESS, luma=215.1), "face_bright"),
    ],
)
def test_a_face_beyond_one_limit_has_that_problem_alone(measures: FaceMeasures, problem: FaceProblem) -> None:
    quality = assess(measures)

    assert quality.problems == (problem,)
    assert quality.score < 0.5


def test_a_face_exactly_at_every_limit_passes() -> None:
    quality = assess(FaceMeasures(detection_score=0.7, width_px=80, pose=(-35.0, 25.0), sharpness=20, luma=50, at_edge=False))

    assert quality.problems == ()
    assert quality.score == 0.5


def test_the_score_reaches_one_half_if_and_only_if_there_are_no_problems() -> None:
    around = itertools.product((0.69, 0.7, 0.9), (79, 80, 300), (None, (0.0, 0.0), (36.0, 0.0)), (19, 20, 200), (49, 50, 130, 215, 216))

    for detection_score, width_px, pose, sharpness, luma in around:
        quality = assess(FaceMeasures(detection_score, width_px, pose, sharpness, luma, at_edge=False))
        assert (quality.score >= 0.5) == (not quality.problems), quality


def test_a_face_under_120_pixels_or_at_the_edge_is_only_warned_about() -> None:
    quality = assess(replace(FAULTLESS, width_px=119, at_edge=True))

    assert quality.problems == ()
    assert quality.warnings == ("face_small", "face_at_edge")


def test_sharpness_and_luma_are_taken_inside_the_box_only() -> None:
    pixels = np.zeros((100, 200, 3), dtype=np.uint8)
    pixels[:, 100:] = np.indices((100, 100)).sum(axis=0)[..., None] % 2 * 200

    assert sharpness_and_luma(pixels, Box(0, 0, 100, 100)) == (0.0, 0.0)
    sharpness, luma = sharpness_and_luma(pixels, Box(100, 0, 100, 100))
    assert sharpness > 1000
    assert luma == pytest.approx(100, abs=1)
