"""The HTTP API of the product, and the server of the canvas."""
