"""What happened: the append-only log from which history, notifications and live news follow."""
