"""``python -m instmove VERB``, which is what torchrun needs."""

import sys

from instmove.cli import main

sys.exit(main())
