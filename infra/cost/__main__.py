"""`make cost`: print what a deployment costs a month, and write docs/cost.md; `--check` only says whether that is up to date."""

import argparse
import sys
from collections.abc import Sequence

from infra.cost.page import PAGE, page, summary
from infra.description import DEPLOYMENT


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and write; 1 where the page is stale and only to be checked."""
    parser = argparse.ArgumentParser(prog="python -m infra.cost", description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args(arguments).check
    text = page(DEPLOYMENT)
    is_stale = not PAGE.exists() or PAGE.read_text() != text
    if is_check:
        sys.stdout.write("docs/cost.md is stale: make cost\n" if is_stale else "docs/cost.md says what the code says.\n")
        return int(is_stale)
    sys.stdout.writelines(f"{line}\n" for line in summary(DEPLOYMENT))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
