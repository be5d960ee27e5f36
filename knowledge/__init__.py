"""The published answer: articles, their versions, search and feedback."""
