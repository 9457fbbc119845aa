"""How the knowledge base does with a country's worth of content: ``python -m benchmarks scale``."""
