"""The command line: click and rich; the only place that prints."""
