"""IDOL: Deformable DETR with dynamic masks and contrastive embeddings."""
