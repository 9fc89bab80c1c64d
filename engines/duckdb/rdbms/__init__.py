"""What the readers and writers of PostgreSQL, MySQL and MariaDB share."""
