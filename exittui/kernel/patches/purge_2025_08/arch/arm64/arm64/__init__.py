"""arch/arm64/arm64."""
