"""Talks to Redis: Python 3.9, redis-py only."""
