"""The memory: what is kept outside every process."""
