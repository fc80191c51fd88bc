"""Stand-in for a Qdrant server: its REST protocol over qdrant-edge, so that several processes share one store."""
