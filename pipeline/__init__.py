"""Newswatch: from news feeds to alert mails. The folder list reads as the pipeline; see docs/architecture.md."""
