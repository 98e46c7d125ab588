"""`python -m pbx_bridge.cli`: the same as `pbx-bridge`."""

import sys

from . import main

sys.exit(main())
