"""One folder for each trigger; see README.md."""
