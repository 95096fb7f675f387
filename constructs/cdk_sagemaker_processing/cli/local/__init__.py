"""The commands `local …`: clouds on this machine, and apps that run there."""
