"""AWS on a laptop: two Regions that can die, Route 53 that answers, Cognito that replicates."""
