"""Stand-in for Vertex AI: Veo, which renders real MP4s into the bucket, and Gemini, which enriches prompts; it can be told to misbehave."""
