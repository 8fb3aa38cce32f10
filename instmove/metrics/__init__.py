"""Metrics: the standard packages' own (image AP, CLEAR MOT, HOTA), and faster ones of ours that equal the official.

Ours are J and F (``vos``), video AP (``video_ap``, ``video_ap_matching``) and AP's accumulation (``accumulation``).
"""
