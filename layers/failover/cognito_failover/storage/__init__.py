"""The ledger: state, lease, history and observations in DynamoDB."""
