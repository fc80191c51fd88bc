"""The images that are deployed: what they hold and how they start, known from their Dockerfiles without building them."""
