"""The kernels: base functions filed as in sys/, patches over them, and how both are linked."""
