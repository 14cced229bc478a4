"""AWS on a laptop: Regions that can fail, Route 53 that answers DNS, and Cognito that replicates."""
