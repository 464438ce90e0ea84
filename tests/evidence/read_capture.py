"""Prints a capture file as h5py sees it: attributes, segments and codes, one fact a line."""

import sys

import h5py


def plain(value):
    return value.decode() if isinstance(value, bytes) else value


with h5py.File(sys.argv[1], "r") as file:
    for key in sorted(file.attrs):
        print("file", key, plain(file.attrs[key]))
    for name in ("segments", "segment_lost", "segment_number"):
        print(name, file[name].dtype, file[name][:].tolist())
    for name in sorted(set(file) - {"segments", "segment_lost", "segment_number"}):
        data = file[name]
        print(name, data.dtype, data.chunks, data.compression, data.compression_opts,
              data.shuffle, data.fletcher32, data.shape)
        for key in sorted(data.attrs):
            print(name, key, plain(data.attrs[key]))
        print(name, "codes", data[:].tolist())
