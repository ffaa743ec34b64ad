"""Whatever can judge a program: ours, and six others used as their authors mean them to be used.

A file a rival: how it is called, and a table of what its words mean in our ids. The rules, the same for all:

- Its own thresholds and defaults, all of its checks, on the network, the first training batch, the loss and the
  optimiser; a monitor sees the program's own step through the planned training, at most `STEPS` steps of it.
- Its user knows how a batch is laid out and how the loss is computed, and hands both over as it wants them.
- What would stop a build is an alert, what only warns is a warning, and what informs is neither; figures are given for
  alerts alone and for both together. Advice about speed is left out.
- A check that raises where the program itself runs could not be made; a rival that raises could not run on the program.
- A message means every id that its words or its hints name, whether the program bears it out or not.
"""
