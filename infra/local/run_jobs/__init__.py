"""Stand-in for Cloud Run jobs: the v2 REST interface, with every task as a process of this machine."""
