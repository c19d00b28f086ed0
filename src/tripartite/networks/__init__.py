"""Networks of neurons and astrocytes: what they are, and the engines that run them."""
