"""MinVIS: Mask2Former on single frames, its queries matched from frame to frame."""
