"""``failoverctl``, and ``python -m failoverctl``."""

from failoverctl.cli import cli


def main() -> None:
    """Run the command line and exit with its exit code."""
    cli(prog_name="failoverctl")


if __name__ == "__main__":
    main()
