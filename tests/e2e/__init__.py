"""Browser tests: the story as people live it."""
