"""What the bot makes of sentences: the whole bot on the test set, its pieces on their own, and others beside them."""
