"""What all commands have alike on a terminal: stages, signs, words, signals, failures."""
