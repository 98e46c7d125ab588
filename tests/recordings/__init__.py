"""Tests of recordings/: waveforms, repair, finishing, cutting, the vault."""
