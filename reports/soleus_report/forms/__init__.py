"""The output tables that standards ask for, filled from the record of a run."""
