"""The product sends its traces to the stack's own collector where it runs, and nowhere else."""

from pathlib import Path

import pytest

from tests.local.supervisor.test_preflight import a_plan, environment_of

PERSONAL = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example.org", "OTEL_TRACES_SAMPLER": "always_off"}


def tracing(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("OTEL_")}


@pytest.mark.parametrize("service", ["api", "worker", "video_rendered"])
def test_a_whole_stack_sends_its_traces_to_its_own_collector(tmp_path: Path, service: str) -> None:
    plan = a_plan(tmp_path, "--port 9000", **PERSONAL)

    sent = tracing(environment_of(plan, service))
    assert sent["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://127.0.0.1:{plan.named()['traces'].port}"  # type: ignore[union-attr] # a part
    assert "OTEL_TRACES_SAMPLER" not in sent


def test_without_the_collector_nothing_is_sent(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, "--only api,worker", **PERSONAL)

    assert "traces" not in plan.named()
    assert tracing(environment_of(plan, "api")) == {}
