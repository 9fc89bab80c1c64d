"""Where the output of a task goes, and how it is read while it grows."""
