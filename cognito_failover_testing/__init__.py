"""In-memory twins of the adapters, held to the same contract tests. Not part of the Lambda layer."""
