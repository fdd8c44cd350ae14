"""The toy DCC of the tests. Importing it costs nothing."""
