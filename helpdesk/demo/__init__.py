"""The demo company: an invented shop, its people, its words and six weeks of its mail."""
