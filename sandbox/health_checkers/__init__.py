"""Route 53's health checkers: where they are, what one request finds out, and the whole fleet of them at work."""
