"""Helpers that know neither AWS nor the domain. They import nothing from this package."""
