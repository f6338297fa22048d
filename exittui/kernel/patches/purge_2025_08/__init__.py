"""What landed by August 2025: uvm_purge() in exit1(), the dead first in, first out."""
