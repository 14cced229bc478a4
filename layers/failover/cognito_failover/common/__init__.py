"""Ground: values and helpers that know neither AWS nor the domain. Imports nothing of this package."""
