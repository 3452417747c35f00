"""What measured counts say about noise, with the statistics stated.

The one idea to hold: an estimate is a value with an interval and the way it was got, or a refusal
that says why these data cannot tell. Pure mathematics: no clock, no chance, no input or output.
"""
