"""The hands: what moves traffic, and how it is confirmed."""
