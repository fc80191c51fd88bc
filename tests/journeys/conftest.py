"""What the tests of whole journeys have in common beside their support: the stack's words where one fails."""

from collections.abc import Generator

import pytest

from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import last_words


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure comes with the logs, which are gone with the stack a moment later."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, LocalStack):
        report.sections.append(("logs of the stack", last_words(stack)))
    return report
