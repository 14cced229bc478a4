"""What anybody outside sees of a move, beside the rounds: kept for its report, and never waited for."""
