"""Files: pictures people upload and the media that jobs make."""
