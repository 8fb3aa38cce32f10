"""CrossVIS: FCOS with dynamic masks, crossover learning and re-identification embeddings."""
