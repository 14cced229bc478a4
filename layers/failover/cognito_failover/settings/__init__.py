"""Settings of each function, read from environment variables and validated."""
