"""Work on local video files with PyAV: look, cut, append. Servers call it through `runner`, in a process of its own."""
