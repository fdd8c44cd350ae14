"""The worker's side and the server: Python 3.11 or newer, rq 3 or newer."""
