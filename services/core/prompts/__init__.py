"""Enhancement of prompts with Gemini."""
