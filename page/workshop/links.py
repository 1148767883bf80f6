"""What links to any place of the page may say."""

from page.tabs.generate.link import COMPARING, DRAWING, WALKING
from page.tabs.generate.plane.plane import LINKED as IN_PLANE
from page.tabs.noise.link import LINKED as NOISE
from page.tabs.train.link import LINKED as TRAIN

LINKED = (NOISE, DRAWING, COMPARING, WALKING, IN_PLANE, TRAIN)
