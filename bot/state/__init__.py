"""One database for everything kept of residents: SQLite in the folder ``var``, or PostgreSQL (STATE_URL)."""
