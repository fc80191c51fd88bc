"""Commands for maintainers: exports of the contracts, checks of a running stack."""
