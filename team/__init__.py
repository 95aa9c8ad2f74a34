"""The whole team on one machine, without Docker: `make team`, or `python -m team`. docs/team.md explains it."""
