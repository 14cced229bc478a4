"""Measures what the controller promises, beside what people would pick instead."""
