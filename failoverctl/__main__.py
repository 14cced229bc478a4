"""``failoverctl``, and ``python -m failoverctl``."""

from failoverctl.program import program


def main() -> None:
    """Run the command line, and end with its exit code."""
    program(prog_name="failoverctl")


if __name__ == "__main__":
    main()
