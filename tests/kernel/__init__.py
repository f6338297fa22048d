"""The modelled kernels."""
