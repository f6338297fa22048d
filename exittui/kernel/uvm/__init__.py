"""sys/uvm: address spaces and u-areas."""
