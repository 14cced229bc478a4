"""The scheduled controller: rounds that observe, decide, save and act."""
