"""Ports for the parts that these tests start."""

from collections.abc import Iterator

import pytest

from infra.local.supervisor.free_ports import reserved_base_port


@pytest.fixture
def port() -> Iterator[int]:
    """The first of 23 ports that nobody uses."""
    with reserved_base_port() as base:
        yield base
