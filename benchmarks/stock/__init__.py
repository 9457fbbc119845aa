"""The stock Rasa bot that ours is measured against, made from our own training data."""
