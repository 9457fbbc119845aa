"""What is measured: ours beside a stock Rasa bot, on the same machine and data, in one run."""
