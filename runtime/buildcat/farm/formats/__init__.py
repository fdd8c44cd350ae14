"""How to see, with the standard library alone, that a picture file is whole. One module per format; our own Python."""
