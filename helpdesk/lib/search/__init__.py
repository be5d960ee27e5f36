"""Search over existing tables: one analyser for both databases, the database's own index over the analysed column."""
