"""What happened in a move or a drill, from the ledger, as one document and one page. No controller imports it."""
