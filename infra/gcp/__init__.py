"""Reelgraph on Google Cloud: what the description names, brought about with gcloud. `python -m infra.gcp --help`."""
