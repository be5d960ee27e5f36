"""REST views of people."""
