"""Levers that move users, and the confirmation of a move by DNS."""
