"""The saved state and its parts: moves, drills, events. No rule and no decision."""
