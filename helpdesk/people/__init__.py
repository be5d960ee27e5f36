"""Who: staff who log in, teams, customers who ask, and what each may do."""
