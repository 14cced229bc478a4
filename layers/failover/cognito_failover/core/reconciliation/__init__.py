"""Compares the saved state with records and latches, and handles drift."""
