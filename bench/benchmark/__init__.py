"""Measures the running cost of the deployed controller."""
