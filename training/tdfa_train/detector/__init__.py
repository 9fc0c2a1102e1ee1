"""The face detector: a one-stage, anchor-free network of under 100,000 parameters."""
