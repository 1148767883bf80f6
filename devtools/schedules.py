"""Which schedules lose the picture."""

from ddpm.schedules import SCHEDULES

ENDS_IN_NOISE = [name for name in SCHEDULES if name != "laplace"]  # its ᾱ_T is 0.03 at T = 1000
