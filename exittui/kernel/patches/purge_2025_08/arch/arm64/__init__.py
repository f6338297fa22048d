"""arch/arm64."""
