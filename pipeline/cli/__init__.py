"""The `newswatch` command: see `app`."""
