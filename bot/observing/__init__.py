"""What an engineer sees of the running bot: numbers, log lines, readiness and an event a turn. Never what was said."""
