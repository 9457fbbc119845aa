"""Small parsers for what residents say in passing: numbers, money, ages, days, people, facts. No Rasa."""
