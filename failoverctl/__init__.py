"""The command for operators: invokes the deployed operator function and shows its answers."""
