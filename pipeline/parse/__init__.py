"""Untrusted bytes -> entries and page text, in a resource-limited worker."""

from pipeline.parse.worker import Worker

__all__ = ["Worker"]
