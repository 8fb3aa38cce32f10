"""Six video-segmentation methods behind two small interfaces."""
