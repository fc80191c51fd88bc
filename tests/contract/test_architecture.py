"""What ARCHITECTURE.md copies from the code says the same as the code."""

from pathlib import Path

from services.core.jobs import states

ROOT = Path(__file__).parents[2]


def test_the_job_table_in_the_architecture_is_the_one_in_the_code() -> None:
    in_code = [line for line in (states.__doc__ or "").splitlines() if line.startswith("|")]
    described = (ROOT / "ARCHITECTURE.md").read_text().splitlines()

    assert in_code
    assert [line for line in in_code if line not in described] == []
