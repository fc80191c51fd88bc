"""Every state meets every event."""

from itertools import product

import pytest

from services.core.exports.states import ACTIVE_STATES, ExportEvent, ExportState, transition

MEANT = {
    ("queued", "attempt_began"): "running",
    ("queued", "cancelled"): "cancelled",
    ("running", "attempt_lost"): "queued",
    ("running", "finished"): "succeeded",
    ("running", "given_up"): "failed",
    ("running", "cancelled"): "cancelled",
}


@pytest.mark.parametrize(("state", "event"), list(product(ExportState, ExportEvent)))
def test_every_pair_leads_where_it_is_meant_to_or_nowhere(state: ExportState, event: ExportEvent) -> None:
    assert transition(state, event) == MEANT.get((state.value, event.value))


def test_nothing_leads_out_of_an_end() -> None:
    ends = set(ExportState) - ACTIVE_STATES
    assert {transition(state, event) for state, event in product(ends, ExportEvent)} == {None}
