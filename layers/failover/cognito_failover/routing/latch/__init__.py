"""Health-check latches: switches, state records, and what a latch is attached to."""
