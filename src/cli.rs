//! The command line: the only module that knows arguments, the terminal, where results lie, and exit codes.
