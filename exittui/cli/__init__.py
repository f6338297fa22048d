"""The command line: arguments in, exit code out; a screen is imported only when one is wanted."""
