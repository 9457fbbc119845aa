"""How fast verdicts and questions are, and how many questions: over the real policies, thousands, beside OpenFisca."""
