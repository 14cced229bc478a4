"""The subcommands, listed in `failoverctl.cli.COMMAND_MODULES`."""
