"""What a month costs: units, free tiers, sources, and that more videos never cost less."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from infra.cost import prices
from infra.cost.__main__ import main
from infra.cost.assumptions import Assumptions, polls_of
from infra.cost.estimate import Estimate, estimate, tier_of
from infra.cost.page import VOLUMES
from infra.cost.prices import Price
from infra.description import DEPLOYMENT
from services.core.jobs.cadence import LATE_POLL_INTERVAL, PATIENCE, POLL_INTERVAL
from services.core.video.catalogue import find_model

PRICES = {name: price for name, price in vars(prices).items() if isinstance(price, Price)} | dict(prices.MACHINES)


def a_month(videos: int, **changes: object) -> Estimate:
    return estimate(DEPLOYMENT, videos, replace(Assumptions(), **changes))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(("units", "usd"), [(0, 0.0), (1_000_000, 0.0), (1_000_001, 0.4e-6), (3_000_000, 0.8)])
def test_only_what_is_beyond_the_free_tier_is_paid(units: float, usd: float) -> None:
    assert Price(0.40, 1e6, "operation", "https://example.com", free=1e6).of(units) == pytest.approx(usd)


@pytest.mark.parametrize("name", PRICES)
def test_every_price_says_where_it_is_from(name: str) -> None:
    price = PRICES[name]
    assert price.source.startswith("https://cloud.google.com/")
    assert price.seen is None or re.fullmatch(r"\d{4}-\d\d-\d\d", price.seen)


def test_what_is_free_covers_an_idle_deployment_but_for_what_always_runs() -> None:
    idle = a_month(0)
    assert {piece for piece in idle.pieces if idle.usd_of(piece)} == {"Cloud SQL", "Qdrant", "Artifact Registry"}


def test_more_videos_never_cost_less() -> None:
    months = [a_month(videos) for videos in (0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)]
    for fewer, more in pairwise(months):
        assert all(line.usd <= other.usd for line, other in zip(fewer.lines, more.lines, strict=True))
        assert fewer.usd < more.usd


def test_veo_costs_what_the_catalogue_says() -> None:
    only = {"model_shares": {"veo-3.1-generate-001": 1.0}, "takes_for_each_clip": 1.0}
    assert a_month(1, **only, extensions=0).usd_of("Veo") == pytest.approx(8 * 0.40)
    assert a_month(1, **only, extensions=20).usd_of("Veo") == pytest.approx(59.20)  # 148 s
    assert find_model("veo-3.1").model.price_microusd_per_second["720p"] == 400_000


def test_units_of_the_larger_pieces() -> None:
    """By hand, for what decides a bill."""
    month = a_month(10_000, extensions=0, takes_for_each_clip=1.0, megabytes_for_each_second=1.0, pictures=0.0, plays=1.0, months_kept=1.0)
    films_gib = 10_000 * 8 * 1e6 / 2**30
    by_what = {(line.piece, line.what): line.units for line in month.lines}
    assert by_what["Cloud Storage", "1 months of films and pictures"] == pytest.approx(2 * films_gib)
    assert by_what["Network", "films to browsers"] == pytest.approx(films_gib)
    assert by_what["Cloud SQL", "db-custom-1-3840: memory"] == pytest.approx(3.75 * 24 * 30.4)
    assert by_what["Cloud Scheduler", "jobs"] == len(DEPLOYMENT.scheduled_calls)
    assert by_what["Secret Manager", "versions"] == len(DEPLOYMENT.foundation.secrets)


def test_the_free_tier_of_cloud_run_is_counted_once_for_all_services() -> None:
    assert [line.what for line in a_month(1).lines if line.price is prices.RUN_CPU] == ["services: CPU"]


def test_polls_follow_the_cadence_of_the_job_machine() -> None:
    patience, interval = int(PATIENCE.total_seconds()), int(POLL_INTERVAL.total_seconds())
    assert polls_of(interval) == 0  # the event of its object comes first
    assert polls_of(9 * interval) == 8
    assert polls_of(patience + 2 * int(LATE_POLL_INTERVAL.total_seconds())) == patience // interval + 1


def test_the_sweep_comes_each_minute_as_is_counted() -> None:
    assert [call.schedule for call in DEPLOYMENT.scheduled_calls] == ["* * * * *"]


def test_shares_add_up_and_name_models() -> None:
    shares = Assumptions().model_shares
    assert sum(shares.values()) == pytest.approx(1)
    assert all(find_model(name).alias is None for name in shares)


def test_a_load_that_the_provider_does_not_allow_is_said() -> None:
    assert a_month(1_000).notes == ()
    assert any("allows at once" in note for note in a_month(100_000).notes)


def test_a_tier_without_a_price_is_refused() -> None:
    with pytest.raises(ValueError, match="db-f1-micro is no custom tier"):
        tier_of(replace(DEPLOYMENT.foundation.database, tier="db-f1-micro"))


def test_the_page_is_up_to_date_and_says_all_volumes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out
    assert {0, 10, 1_000, 100_000} == set(VOLUMES)
