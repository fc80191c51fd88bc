"""Video generation: the catalogue of models, requests, the Veo driver, chains and media."""
