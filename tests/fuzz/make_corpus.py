"""Writes the fuzzers' seeds, tests/fuzz/corpus/FORMAT/*: one small file of each kind that we read.

make_corpus.py [CAPTURE.h5]: with a capture of ours among them.
"""

import pathlib
import struct
import sys
import wave
import zipfile

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent / "corpus"


def to(name):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def text(name, content):
    pathlib.Path(to("csv/" + name)).write_text(content)


def session(name, metadata, entries):
    with zipfile.ZipFile(to("sr/" + name), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("version"), "2")
        z.writestr(zipfile.ZipInfo("metadata"), "[device 1]\nsamplerate=10 MHz\n" + metadata)
        for entry, data in entries:
            z.writestr(zipfile.ZipInfo(entry), data)


def sound(name, channels, width, data):
    with wave.open(to("wav/" + name), "wb") as w:
        w.setnchannels(channels)
        w.setsampwidth(width)
        w.setframerate(8000)
        w.writeframes(data)


for size in (40, 41, 50, 51, 54, 56, 62, 63):  # from which the fuzzer takes format and channels
    pathlib.Path(to(f"raw/{size}")).write_bytes(struct.pack("<32h", *range(-16, 16))[:size])

text("rigol.csv", "X,CH1,CH2,Start,Increment,\nSequence,Volt,Volt,-6e-04,1e-06\n0,1,2,,\n1,3,4,,\n")
text(
    "siglent.csv",
    "Record Length,Analog:2\nSample Interval,Analog:1e-09\nSource,CH1\nSecond,Volt\n"
    "-0.007000000,0.02\n-0.006999999,0.04\n",
)
text(
    "tektronix.csv",
    "Record Length,2.5e+03,,-0.005,0,\nSample Interval,4e-06,,-0.004996,0.02,\n,,,-0.004992,0.04,\n",
)
text("tektronix_new.csv", "Model,MSO44\nSample Interval,1e-3\n\nLabel,\nTIME,CH1\n0,1\n1e-3,2\n")
text("comma.csv", "Zeit (ms);Spannung (mV)\n0,0;1,5\n0,1;2,5\n0,2;-1e3\n")
text("sigrok.csv", "; Samplerate: 1 MHz\ntime,D0\n0,1\n0.000001,0\n")
text(
    "own.csv",
    "# capture: trip\n# rate: 10 samples in 3 s, relative standard uncertainty 2.5e-05\n"
    "# armed_at_s: 1.500000000000, standard uncertainty 1e-07 s\n# integrity_proven: true\n"
    "# current: 0 + 0.125 * code, unit A, clipped at -2048 and 2047\n"
    "t_s,segment,sample,current_A,current_code,clipped,lost_before\n"
    "1.5,0,1,0.125,1,0,0\n1.8,0,2,0.25,2,0,0\n9.9,1,20,0.25,2,0,1\n",
)
session(
    "analog.sr",
    "total analog=2\nanalog1=A0\nanalog2=A1\n",
    [(f"analog-1-{i}-{k}", struct.pack("<3f", 1, 2, 3)) for i in (1, 2) for k in (1, 2)],
)
session(
    "mixed.sr",
    "capturefile=logic-1\ntotal probes=1\nunitsize=2\nprobe9=D8\ntotal analog=1\nanalog10=A\n",
    [("logic-1-1", bytes(range(6))), ("analog-1-10-1", struct.pack("<3f", 1, 2, 3))],
)
pathlib.Path(to("hex/two.hex")).write_text(
    ":0300000002004FAC\r\n:04004F00DEADBEEF75\r\n:020000040000FA\r\n:00000001FF\r\n"
)
half = bytes([60] * 30 + [190] * 30)  # a clock of 60 samples, and 256 samples of it missing
wave_of_clock = half * 60
pathlib.Path(to("samplers/clock")).write_bytes(
    bytes([40, 99]) + wave_of_clock[:2500] + wave_of_clock[2756:]
)
pathlib.Path(to("samplers/mcc")).write_bytes(struct.pack("<2f", 1.01, -3) + bytes(range(80)))
# Beside them, answers/Ds1000z and so on: what the models of oscilloscopes answered in a capture.
no_error = b'0,"No error"'
answers = {
    "supply": [b"8", no_error, b"6.0", no_error, b"+7.4E+00"],
    "relay_board": [b"9OK late", b"ERR", b"OK", b""],
    "stimulator": [b"9ID X", b"OK", b"ERR late", b"S=on;A=20.5"],
}
for name, lines in answers.items():
    pathlib.Path(to("answers/" + name)).write_bytes(b"\n".join(lines))
replies = {
    "preamble": b"0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128",
    "preamble_keysight": b"+0,+0,+1000,+1,+2.0E-04,-1.0E-01,+0,+2.0E-02,-1.5E+00,+128",
    "preamble_tektronix": b"10000\n1\n4.0E-6\n-2.0E-2\n100\n40.0E-3\n-25.0\n0.5",
    "preamble_siglent": b"5.00E-01\n1.00E+00V\n1.00E-03S\n0.00E+00\n500MSa/s\n7Mpts",
    "block_siglent": b"DAT2,#9000000003abc",
}
descriptor = bytearray(346)
descriptor[:8] = b"WAVEDESC"
for at, form, value in [
    (60, "<i", 1000), (116, "<i", 1000), (156, "<f", 1), (160, "<f", 0.5), (164, "<f", 30),
    (176, "<f", 1e-6), (180, "<d", -5e-4), (328, "<f", 10),
]:  # fmt: skip
    struct.pack_into(form, descriptor, at, value)
replies["wavedesc"] = b"#9000000346" + descriptor
for name, data in replies.items():
    pathlib.Path(to("replies/" + name)).write_bytes(data)
sound("two.wav", 2, 2, bytes(range(16)))
sound("bytes.wav", 1, 1, bytes(range(16)))
wide = struct.pack("<HHIIHH", 3, 1, 8000, 32000, 4, 32)
pathlib.Path(to("wav/rf64.wav")).write_bytes(
    b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, 0, 8, 2, 0)
    + b"fmt " + struct.pack("<I", 16) + wide + b"data\xff\xff\xff\xff" + struct.pack("<2f", 1, 2)
)
for name, data, how in [
    ("floats.h5", np.array([1.0, 2.0, 3.0]), {}),
    ("codes.h5", np.array([[1, 2], [3, 4]], "i2"), {"compression": "gzip", "fletcher32": True}),
]:
    with h5py.File(to("hdf5/" + name), "w") as f:
        f.create_dataset("data", data=data, **how).attrs["sample_rate"] = 1000.0
        f.attrs["rate_hz"] = 5
if len(sys.argv) > 1:
    pathlib.Path(to("hdf5/own.h5")).write_bytes(pathlib.Path(sys.argv[1]).read_bytes())
