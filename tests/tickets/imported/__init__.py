"""Past requests from files."""
