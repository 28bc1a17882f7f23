"""The ports: what skills need of the world, as protocols. providers/ implements them; providers/memory has a twin of each."""
