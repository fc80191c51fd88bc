"""Every way in which the provider can fail, on demand: by a queue, by a lasting setting, by words in the prompt."""

from datetime import datetime, timedelta

import httpx2
import pytest
from google.genai import errors

from tests.local.cloud_tasks.support import wait_until
from tests.local.vertex.support import MODEL_PATH, Vertex, uris


def test_quota_is_429_with_retry_info_and_starts_nothing(vertex: Vertex) -> None:
    before = len(vertex.journal())
    vertex.next_submits("quota:7")

    with pytest.raises(errors.ClientError) as refusal:
        vertex.submit()

    assert (refusal.value.code, refusal.value.status) == (429, "RESOURCE_EXHAUSTED")
    (detail,) = refusal.value.details["error"]["details"]
    assert detail == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
    assert len(vertex.journal()) == before


@pytest.mark.parametrize(("word", "started"), [("unavailable", 0), ("unavailable:not_started", 0), ("unavailable:started", 1)])
def test_503_may_or_may_not_have_started_and_billed(vertex: Vertex, word: str, started: int) -> None:
    before = len(vertex.journal())
    vertex.next_submits(word)

    with pytest.raises(errors.ServerError) as refusal:
        vertex.submit()

    assert (refusal.value.code, refusal.value.status) == (503, "UNAVAILABLE")
    assert [row["status"] for row in vertex.journal()[before:]] == ["billed"] * started


def test_a_lost_reply_leaves_a_billed_video_that_nobody_was_told_of(vertex: Vertex) -> None:
    before = len(vertex.journal())
    vertex.next_submits("lost_reply")

    # google-genai speaks through httpx2 where it is installed, as it is in the repository's environment.
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        vertex.submit(output_gcs_uri="gs://renders/lost/1")

    (row,) = vertex.journal()[before:]
    assert (row["status"], row["seconds_billed"]) == ("billed", 4)
    wait_until(lambda: list((vertex.buckets / "renders" / "lost").rglob("sample_0.mp4")), seconds=40)


def test_a_block_names_its_support_code_and_makes_no_object(vertex: Vertex) -> None:
    vertex.next_submits("blocked:15236754")

    name = vertex.submit(output_gcs_uri="gs://renders/blocked", number_of_videos=2)
    response = vertex.finish(name).response

    assert response is not None
    assert response.rai_media_filtered_count == 2
    assert not response.generated_videos
    assert all("Support codes: 15236754" in reason for reason in response.rai_media_filtered_reasons or [])
    assert len(response.rai_media_filtered_reasons or []) == 2
    assert not (vertex.buckets / "renders" / "blocked").exists()
    assert (vertex.journal_of(name)["status"], vertex.journal_of(name)["seconds_billed"]) == ("blocked", 0)


def test_a_partial_block_keeps_and_bills_the_siblings(vertex: Vertex) -> None:
    vertex.next_submits("partial:2")

    name = vertex.submit(number_of_videos=3)
    operation = vertex.finish(name)

    assert operation.response is not None
    assert operation.response.rai_media_filtered_count == 2
    assert len(operation.response.rai_media_filtered_reasons or []) == 2
    (uri,) = uris(operation)
    assert vertex.path_of(uri).exists()
    assert (vertex.journal_of(name)["status"], vertex.journal_of(name)["seconds_billed"]) == ("billed", 4)


def test_a_partial_block_of_a_single_sample_leaves_nothing(vertex: Vertex) -> None:
    vertex.next_submits("partial")

    response = vertex.finish(vertex.submit()).response

    assert response is not None
    assert response.rai_media_filtered_count == 1


def test_an_operation_error_has_code_13_and_is_not_billed(vertex: Vertex) -> None:
    vertex.next_submits("operation_error")

    name = vertex.submit()

    assert (vertex.finish(name).error or {})["code"] == 13
    assert (vertex.journal_of(name)["status"], vertex.journal_of(name)["seconds_billed"]) == ("failed", 0)


def test_an_empty_operation_is_done_without_error_or_videos(vertex: Vertex) -> None:
    vertex.next_submits("empty")

    operation = vertex.finish(vertex.submit())

    assert operation.error is None
    assert operation.response is not None
    assert operation.response.generated_videos is None


def test_a_bad_request_is_400(vertex: Vertex) -> None:
    vertex.next_submits("bad_request:The prompt could not be submitted.")

    with pytest.raises(errors.ClientError, match="could not be submitted") as refusal:
        vertex.submit()

    assert (refusal.value.code, refusal.value.status) == (400, "INVALID_ARGUMENT")


def test_a_crash_of_a_native_library_fails_one_operation_and_refunds_it(vertex: Vertex) -> None:
    vertex.next_submits("render_crash", "blocked")

    crashed, healthy = vertex.submit(), vertex.submit()

    assert (vertex.finish(crashed).error or {})["code"] == 13
    assert vertex.journal_of(crashed)["status"] == "failed"
    assert vertex.finish(healthy).response


def test_a_bucket_that_does_not_exist_fails_the_operation_and_refunds_it(vertex: Vertex) -> None:
    name = vertex.submit(output_gcs_uri="gs://no-such-bucket/job")

    assert (vertex.finish(name).error or {})["code"] == 5
    assert vertex.journal_of(name)["status"] == "failed"


def test_a_held_operation_stays_pending_until_it_is_released(vertex: Vertex) -> None:
    vertex.next_submits(["hold", "blocked"], ["hold", "blocked"])
    held, other = vertex.submit(), vertex.submit()
    assert not vertex.fetch(held).done

    released = vertex.http.post("/simulator/release", json={"operation": held}).json()

    assert released == {"released": [held]}
    assert vertex.finish(held).done
    assert not vertex.fetch(other).done


def test_a_slow_operation_takes_its_extra_seconds(vertex: Vertex) -> None:
    vertex.next_submits(["slow:0.6", "blocked"])

    name = vertex.submit()
    assert not vertex.fetch(name).done
    vertex.finish(name)

    (row,) = [row for row in vertex.http.get("/simulator/operations").json() if row["name"] == name]
    assert datetime.fromisoformat(row["done_at"]) - datetime.fromisoformat(row["submitted_at"]) >= timedelta(seconds=0.6)


def test_an_object_may_exist_before_its_operation_is_done(vertex: Vertex) -> None:
    vertex.next_submits("done_later:2")

    name = vertex.submit(output_gcs_uri="gs://renders/early")
    wait_until(lambda: list((vertex.buckets / "renders" / "early").rglob("sample_0.mp4")), seconds=40)

    assert not vertex.fetch(name).done
    assert uris(vertex.finish(name))


def test_one_shot_behaviours_are_used_up_in_their_order(vertex: Vertex) -> None:
    vertex.next_submits("quota", "ok", "blocked")

    with pytest.raises(errors.ClientError):
        vertex.submit()
    vertex.http.post("/simulator/behaviour", json={"always": ["operation_error"]}).raise_for_status()
    second = vertex.submit()
    third = vertex.submit()
    fourth = vertex.submit()

    assert vertex.finish(second).error
    assert vertex.finish(third).response
    assert vertex.finish(fourth).error
    assert vertex.http.delete("/simulator/faults").json() == {"always": {}, "next": {}}


def test_a_poll_can_fail_without_harm_to_the_operation(vertex: Vertex) -> None:
    vertex.next_submits("blocked")
    name = vertex.submit()
    vertex.http.post("/simulator/faults", json={"next_poll": ["unavailable", "quota:1"]}).raise_for_status()

    for status in (503, 429, 200):
        answer = vertex.post(f"/v1beta1/{MODEL_PATH}:fetchPredictOperation", {"operationName": name})
        assert answer.status_code == status


def test_words_in_the_prompt_do_the_same(vertex: Vertex) -> None:
    blocked = vertex.submit("A cat [simulate:blocked:15236754]")
    failed = vertex.submit("A cat [simulate:slow:0.1] [simulate:error]")
    partly = vertex.submit("A cat [simulate:partial] [simulate:slow:0.1]")

    response = vertex.finish(blocked).response
    assert response is not None
    assert "15236754" in (response.rai_media_filtered_reasons or [""])[0]
    assert (vertex.finish(failed).error or {})["code"] == 13
    assert vertex.finish(partly).response


def test_quota_in_the_prompt_strikes_every_other_submit_so_that_a_retry_succeeds(vertex: Vertex) -> None:
    prompt = "A dog [simulate:quota] [simulate:blocked]"

    for _ in range(2):
        with pytest.raises(errors.ClientError) as refusal:
            vertex.submit(prompt, output_gcs_uri="gs://renders/attempt/1")
        assert refusal.value.code == 429
        assert vertex.submit(prompt, output_gcs_uri="gs://renders/attempt/2")


@pytest.mark.parametrize(
    "body", [{"next": ["blokced"]}, {"next": ["slow:soon"]}, {"next": "quota"}, {"nxt": []}, {"next": [["extension_form:none"]]}]
)
def test_a_typing_error_in_a_fault_is_refused(vertex: Vertex, body: dict[str, object]) -> None:
    assert vertex.http.post("/simulator/faults", json=body).status_code == 400
    assert vertex.http.get("/simulator/faults").json()["next"] == {}


def test_a_typing_error_in_the_prompt_is_refused(vertex: Vertex) -> None:
    with pytest.raises(errors.ClientError, match="blokced"):
        vertex.submit("A cat [simulate:blokced]")
