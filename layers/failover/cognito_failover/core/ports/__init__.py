"""Protocols that the adapters implement."""
