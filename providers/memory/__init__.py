"""The ports' twins in memory: for tests and for writing skills. They ship with the product and never stand in silently."""

from providers.memory.clock import Clock
from providers.memory.commands import MemoryCommands
from providers.memory.compute import MemoryCompute
from providers.memory.costs import MemoryCosts
from providers.memory.fleet import instance, sample_fleet
from providers.memory.metrics import MemoryMetrics

__all__ = ["Clock", "MemoryCommands", "MemoryCompute", "MemoryCosts", "MemoryMetrics", "instance", "sample_fleet"]
