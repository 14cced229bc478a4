"""The ledger: every store in one DynamoDB table."""
