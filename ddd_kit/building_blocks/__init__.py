"""What a model is made of, in the words of Evans and Vernon."""
