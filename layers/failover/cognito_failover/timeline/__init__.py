"""The timeline: samples of DNS answers and sign-ins during a move, recorded in the background."""
