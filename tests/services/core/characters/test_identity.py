"""Rules on face distances hold for all embeddings, not only for those in the examples."""

import math
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.characters.identity import (
    DLIB_RESNET_V1,
    EmbedderSpec,
    Embedding,
    best_match,
    compare,
    consistency,
    distances_by_character,
    verdict,
)

ANNA, BERT, CORA = (UUID(int=number) for number in (1, 2, 3))
SIZE = 8
coordinates = st.floats(min_value=-1.0, max_value=1.0, width=32)
embeddings = st.lists(coordinates, min_size=SIZE, max_size=SIZE)
distances = st.floats(min_value=0.0, max_value=4.0)
references = st.dictionaries(st.uuids(), st.lists(embeddings, max_size=3), max_size=4)


def at(distance: float) -> Embedding:
    """An embedding at that distance from the origin's."""
    return [distance] + [0.0] * (SIZE - 1)


ORIGIN = at(0.0)


@given(embeddings, embeddings)
def test_distance_is_the_same_both_ways_and_never_negative(a: Embedding, b: Embedding) -> None:
    assert compare(a, b) == compare(b, a) >= 0
    assert compare(a, a) == 0


@given(embeddings, embeddings, embeddings)
def test_a_detour_is_never_shorter(a: Embedding, b: Embedding, c: Embedding) -> None:
    assert compare(a, c) <= compare(a, b) + compare(b, c) + 1e-9


@pytest.mark.parametrize(("a", "b"), [([1.0], [1.0, 2.0]), ([], []), ([math.nan], [0.0]), ([math.inf], [0.0])])
def test_what_is_not_an_embedding_is_refused(a: Embedding, b: Embedding) -> None:
    with pytest.raises(ValueError, match=r"[Ee]mbedding"):
        compare(a, b)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        (0.0, "duplicate"),
        (0.15, "duplicate"),
        (0.151, "same"),
        (0.50, "same"),
        (0.501, "review"),
        (0.60, "review"),
        (0.601, "different"),
        (math.inf, "different"),
    ],
)
def test_each_limit_belongs_to_the_verdict_it_names(distance: float, expected: str) -> None:
    assert verdict(distance) == expected


@given(distances, distances)
def test_a_greater_distance_never_means_more_alike(a: float, b: float) -> None:
    order = ["duplicate", "same", "review", "different"]
    near, far = sorted((a, b))
    assert order.index(verdict(near)) <= order.index(verdict(far))


@pytest.mark.parametrize("distance", [-0.001, math.nan])
def test_what_is_not_a_distance_has_no_verdict(distance: float) -> None:
    with pytest.raises(ValueError, match="not a distance"):
        verdict(distance)


def test_limits_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        EmbedderSpec(id="wrong", dimension=2, metric="euclid", duplicate=0.2, same=0.1, review=0.6)


def test_a_character_is_as_near_as_its_nearest_reference() -> None:
    known = {ANNA: [at(0.9), at(0.3), at(0.6)], BERT: [at(0.4)], CORA: []}
    assert distances_by_character(ORIGIN, known) == {ANNA: pytest.approx(0.3), BERT: pytest.approx(0.4)}
    match = best_match(ORIGIN, known)
    assert match is not None
    assert (match.character_id, match.verdict) == (ANNA, "same")


def test_nobody_matches_where_everyone_is_different_or_nobody_is_known() -> None:
    assert best_match(ORIGIN, {ANNA: [at(0.61)], BERT: [at(2.0)]}) is None
    assert best_match(ORIGIN, {ANNA: []}) is None
    assert best_match(ORIGIN, {}) is None


def test_of_equally_near_characters_the_smaller_id_wins() -> None:
    for known in ({ANNA: [at(0.2)], BERT: [at(0.2)]}, {BERT: [at(0.2)], ANNA: [at(0.2)]}):
        match = best_match(ORIGIN, known)
        assert match is not None
        assert match.character_id == ANNA


@given(embeddings, references)
def test_the_best_match_is_nearer_than_every_reference_and_one_of_them(face: Embedding, known: dict[UUID, list[Embedding]]) -> None:
    every_distance = {(character, compare(face, reference)) for character, faces in known.items() for reference in faces}
    match = best_match(face, known)
    if match is None:
        assert all(verdict(distance) == "different" for _, distance in every_distance)
    else:
        assert match.distance == min(distance for _, distance in every_distance)
        assert (match.character_id, match.distance) in every_distance
        assert match.verdict == verdict(match.distance) != "different"


@given(st.lists(distances, min_size=1, max_size=20))
def test_consistency_lies_between_0_and_1_and_ignores_the_order_of_frames(measured: list[float]) -> None:
    score = consistency(measured)
    assert 0.0 <= score <= 1.0
    assert consistency(list(reversed(measured))) == score


@given(st.lists(distances, min_size=1, max_size=20), st.data())
def test_consistency_never_rises_when_one_face_drifts_away(measured: list[float], data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, len(measured) - 1))
    drifted = list(measured)
    drifted[frame] += data.draw(distances)
    assert consistency(drifted) <= consistency(measured) + 1e-12


def test_consistency_is_1_for_identical_faces_half_at_the_limit_and_0_for_a_stranger() -> None:
    assert consistency([0.0, 0.0]) == 1.0
    assert consistency([DLIB_RESNET_V1.same] * 3) == pytest.approx(0.5)
    assert consistency([2 * DLIB_RESNET_V1.same, 3.0]) == 0.0


def test_one_strangers_frame_shows_in_a_long_take() -> None:
    assert consistency([0.1] * 99 + [1.2]) < 0.5 < consistency([0.1] * 100)


@pytest.mark.parametrize("measured", [[], [-0.1], [0.2, math.nan]])
def test_no_faces_or_no_distances_have_no_consistency(measured: list[float]) -> None:
    with pytest.raises(ValueError, match="consistency"):
        consistency(measured)
