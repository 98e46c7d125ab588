"""PostgreSQL: the only room that speaks SQL. One noun a module, its statements beside it in `queries/<noun>.sql`."""
