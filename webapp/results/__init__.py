"""What a task said. A task's row names its type, and the type has its own parser."""
