"""How a job runs: each engine turns a checked document into a process to start. Usable without the web application."""
