"""Programs to judge checkers by: each fault planted in a healthy program that is drawn at random, and look-alikes.

A *world* draws the parts of a healthy program (data, network, loss, optimiser, loop) from a seed. A *fault* is a
function from parts to parts, with the checks that would be right to name it and a proof that its symptom is real.
The *sibling* of a faulty program is the same draw without the fault. A *look-alike* is healthy too, and unusual.
"""
