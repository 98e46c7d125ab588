"""Side-by-side measurements: ours and the named peers, interleaved in one run, so that ratios mean something."""
