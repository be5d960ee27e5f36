"""Call me back: numbers, the time in which calls can be kept, asking, calling, and what everybody is told of it."""
