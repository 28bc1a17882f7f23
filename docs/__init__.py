"""The pages, and what writes those of them that are derived from the code."""
