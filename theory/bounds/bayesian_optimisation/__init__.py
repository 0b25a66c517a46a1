"""Sequential maximisation: records of a search without a model, greedy search under a known prior (`maraval-2023`)."""
