"""A double of Modo: the module `lx` with a table of commands, and a fake `modo_cl`."""
