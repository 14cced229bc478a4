"""Route 53's health checkers: their locations, a single check, and the fleet."""
