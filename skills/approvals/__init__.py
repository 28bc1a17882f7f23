"""What waits for somebody else to approve it."""
