"""How accurate is it? Labelled images, the comparisons among them, and the rates they give."""
