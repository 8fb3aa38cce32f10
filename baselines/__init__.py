"""Six video-segmentation methods: five that track behind two small interfaces, and STCN, which is given its objects."""
