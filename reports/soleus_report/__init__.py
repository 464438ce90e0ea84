"""Turns a run folder into one HTML page. Draws and repeats; measures and judges nothing."""
