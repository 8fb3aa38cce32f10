"""PCAN (Ke et al., NeurIPS 2021): two-stage detection, masks and tracking with prototypical cross-attention."""
