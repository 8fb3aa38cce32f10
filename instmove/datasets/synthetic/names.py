"""The benchmarks' own category lists, id by id."""

_OVIS = """
Person Bird Cat Dog Horse Sheep Cow Elephant Bear Zebra Giraffe Poultry Giant_panda Lizard Parrot Monkey
Rabbit Tiger Fish Turtle Bicycle Motorcycle Airplane Boat Vehical
"""
_YTVIS_2021 = """
airplane bear bird boat car cat cow deer dog duck earless_seal elephant fish flying_disc fox frog giant_panda
giraffe horse leopard lizard monkey motorbike mouse parrot person rabbit shark skateboard snake snowboard
squirrel surfboard tennis_racket tiger train truck turtle whale zebra
"""

OVIS = dict(enumerate(_OVIS.split(), start=1))
"""OVIS's 25 categories, spelt as in its files (MinVIS, minvis/data_video/datasets/ytvis.py:121-148)."""
YTVIS_2021 = dict(enumerate(_YTVIS_2021.split(), start=1))
"""YouTube-VIS 2021's 40 categories, in the order of the alphabet (the same file, 77-118); 2022 has the same."""
