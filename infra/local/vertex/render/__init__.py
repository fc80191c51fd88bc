"""Renders what Veo would return: real MP4s, in a process of their own (see `worker`)."""
