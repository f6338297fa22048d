"""sys/uvm."""
