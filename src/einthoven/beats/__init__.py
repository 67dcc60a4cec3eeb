"""Heartbeats: where they are, what they are, and what rhythm they make."""
