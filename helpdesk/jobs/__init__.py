"""What must still happen: a row written in the caller's transaction, run by Huey after commit."""
