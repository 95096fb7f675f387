"""State machines as pictures: what follows what, by which choice, and after which error."""
