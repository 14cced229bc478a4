"""DNS queries to the authoritative name servers."""
