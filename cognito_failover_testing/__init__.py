"""In-memory twins of the adapters. They pass the same contract tests. Not part of the Lambda layer."""
