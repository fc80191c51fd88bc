"""What deploys Reelgraph: Google Cloud provisioning and the one-machine stack."""
