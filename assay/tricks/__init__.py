"""One trick, one file, in the folder of the slot it fills; `catalog.TRICKS` lists them all."""
