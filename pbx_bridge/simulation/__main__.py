"""`make pacing-table`."""

import sys

from pbx_bridge.simulation.table import main

sys.exit(main())
