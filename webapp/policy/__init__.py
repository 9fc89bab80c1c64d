"""What submitted jobs may do on this server."""
