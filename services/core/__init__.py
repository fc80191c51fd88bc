"""What every deployable imports and nothing deploys by itself: one folder per capability."""
