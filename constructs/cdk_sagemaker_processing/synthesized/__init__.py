"""State machines of a cloud assembly, read as they would be deployed, intrinsic functions kept."""
