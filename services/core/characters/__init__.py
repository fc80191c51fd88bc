"""Characters: who is in a picture, by face embedding."""
