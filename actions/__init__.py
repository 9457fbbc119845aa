"""Skills and their Rasa actions. ``rasa run actions`` finds the actions through this package."""
