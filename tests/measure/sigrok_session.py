"""Writes a waveform as a sigrok session (.sr, version 2) with the same train on a logic probe."""

import zipfile

import numpy as np

METADATA = """[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
total probes=1
samplerate={rate} Hz
total analog=1
probe1=D0
analog2=current
unitsize=1
"""


def write(path, samples, level, rate):
    """samples: of the analog channel; the probe is high where they exceed `level`."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version", "2")
        archive.writestr("metadata", METADATA.format(rate=round(rate)))
        archive.writestr("logic-1-1", (np.asarray(samples) > level).astype("u1").tobytes())
        archive.writestr("analog-1-2-1", np.asarray(samples, "<f4").tobytes())
