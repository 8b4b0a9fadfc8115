import COverlay
