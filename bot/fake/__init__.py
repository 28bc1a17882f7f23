"""Stand-ins of ours for what is on the other side of the Teams door: for tests and for authors of skills, on loopback only."""
