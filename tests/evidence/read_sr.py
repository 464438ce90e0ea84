"""Prints a sigrok session (.sr, version 2): the rate and names, then a line of values per sample."""

import configparser
import struct
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.read("version") == b"2"
    metadata = configparser.ConfigParser()
    metadata.read_string(archive.read("metadata").decode())
    device = metadata["device 1"]
    logic = int(device["total probes"])
    analog = int(device["total analog"])
    names = [device[f"probe{i}"] for i in range(1, logic + 1)]
    names += [device[f"analog{i}"] for i in range(logic + 1, logic + analog + 1)]
    print(device["samplerate"] + ":", *names)
    columns = []
    if logic:
        unit = int(device["unitsize"])
        data = archive.read(device["capturefile"] + "-1")
        words = [int.from_bytes(data[i : i + unit], "little") for i in range(0, len(data), unit)]
        columns += [[word >> bit & 1 for word in words] for bit in range(logic)]
    for number in range(logic + 1, logic + analog + 1):
        data = archive.read(f"analog-1-{number}-1")
        columns.append(list(struct.unpack(f"<{len(data) // 4}f", data)))
    for row in zip(*columns, strict=True):
        print(*row)
