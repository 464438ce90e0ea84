"""`rig bench serve`: the twin test (our own rig on a bench of instruments, over a pseudo terminal and
TCP, next to the same scenario on the simulated bench), and foreign clients."""

import json
import math
import re
import select
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import threading
import time
import unittest

import harness
from harness import BENCH, RIG

TWIN = """
scenario: Twin
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 50 Hz}
  - capture:
      as: train
      channels: [current, voltage]
      rate: 1 MHz
      for: 300 ms
      range: {current: 40 mA, voltage: 20 V}
      during: [start]
  - stop
  - expect:
      in: train
      phase1.width: 290 us .. 310 us
      phase2.width: 290 us .. 310 us
      gap: 95 us .. 105 us
      period.mean: 19 ms .. 21 ms
      phase1.amplitude.mean: 18 mA .. 22 mA
      phase2.amplitude.mean: 18 mA .. 22 mA
      phase1.charge.mean: 5 uC .. 7 uC
      phase1.width.max: "<= 100 us"
  - expect: {status.fault: NONE, status.state: IDLE}
"""
LONG_DOWNLOAD = """
scenario: A record that takes seconds to be read
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 50 Hz}
  - capture: {as: train, channels: [current, voltage], rate: 2 MHz, for: 500 ms, during: [start]}
  - expect: {in: train, phase1.width: 290 us .. 310 us}
"""
NEEDS_A_LOAD_BOX = """
scenario: Opens the load
steps:
  - load: open
  - expect: {status.fault: NONE}
"""


TOLD = """
    capture:
      as: NAME
      channels: [current]
      rate: 500 kHz
      for: 400 ms
      range: {current: 40 mA}
      during:
        - start
        - {at: 60 ms, do: stop}
        - {at: AT, do: start, as: told}
        - {at: 180 ms, do: stop}
"""
EXPECT_TOLD = "  - expect: {in: NAME, after: told, output.off_latency: <= 50 ms}\n"
SET_TOLD = """
scenario: Told to start again
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 10 Hz}
"""
TWO_CAPTURES = """
scenario: Looked at twice
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 50 Hz}
  - capture: {as: first, channels: [current], rate: 1 MHz, for: 60 ms, during: [start]}
  - capture: {as: second, channels: [current], rate: 1 MHz, for: 60 ms}
  - expect: {in: second, pulse.count: 2 .. 4, phase1.width: 290 us .. 310 us}
  - expect: {status.fault: NONE}
"""


def told(*instants):
    """A capture for each instant: a second start there, and the one pulse that follows it."""
    text = SET_TOLD
    for at in instants:
        name = f"c{len(text)}"
        text += "  -" + TOLD.replace("NAME", name).replace("AT", at).lstrip("\n")[3:]
        text += EXPECT_TOLD.replace("NAME", name)
    return text


class OnServedBench(harness.RigTest):
    def setUp(self):
        super().setUp()
        self.serve()

    def serve(self):
        self.server = subprocess.Popen(
            [RIG, "bench", "serve", str(BENCH), "--port", "0"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.table = ""
        while "name: rx" not in self.table:  # the last line of what it prints
            line = self.server.stdout.readline()
            self.assertTrue(line, "the bench does not come up")
            self.table += line
        self.bench = self.write("table.yaml", self.table)
        self.tcp = re.search(r"tcp: (\S+)", self.table).group(1)

    def end(self):
        if self.server.returncode is not None:
            return ""
        self.server.send_signal(signal.SIGINT)
        said = self.server.communicate(timeout=20)[1]
        self.assertEqual(self.server.returncode, 0)
        return said

    def rig(self, *args):
        return subprocess.run([RIG, *args], cwd=self.folder, capture_output=True, text=True,
                              timeout=100)


class Ports(harness.RigTest):
    def serve(self, port):
        done = self.rig("bench", "serve", BENCH, "--port", port)
        return done.returncode, done.stderr

    def test_one_that_is_in_use_is_told_with_the_way_out(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.assertEqual(self.serve(port), (3, f"rig: tcp port {port}: Address already in use; "
                                                   "--port takes another, --port 0 a free one\n"))

    def test_one_that_is_none_is_refused_with_the_range(self):
        for port in ("99999", "-1", "http"):
            self.assertEqual(self.serve(port), (2, "rig: --port: expected a port from 1 to 65535, or 0 for a free one, "
                                                   f"found '{port}'; `rig --help` lists all\n"))


class Served(OnServedBench):
    def case_of(self, done):
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        return json.loads(done.stdout)["cases"][0]

    def findings(self, case):
        return {f["quantity"]: f for step in case["steps"] for f in step.get("findings", [])
                if step["kind"] == "expect"}

    def test_gives_the_verdicts_and_the_values_of_the_simulated_bench(self):
        self.scenario(TWIN)
        flags = ("run", "scenarios", "--no-report", "--json")
        table = self.findings(self.case_of(self.rig(*flags, "--bench", self.bench)))
        simulated = self.findings(self.case_of(self.rig(*flags)))
        self.assertEqual({q: f["verdict"] for q, f in table.items()},
                         {q: f["verdict"] for q, f in simulated.items()})
        self.assertEqual(table["phase1.width.max"]["verdict"], "FAIL", "a limit meant to be broken")
        compared = 0
        for quantity, found in table.items():
            if "measured" not in found or found["measured"] is None:
                continue
            ours, theirs = found["measured"], simulated[quantity]["measured"]
            allowed = math.hypot(ours["k"] * ours["u"], theirs["k"] * theirs["u"])
            self.assertLessEqual(abs(ours["value"] - theirs["value"]), allowed, quantity)
            compared += 1
        self.assertGreaterEqual(compared, 7)

    def test_gives_every_case_a_device_without_the_faults_of_the_one_before(self):
        """The download of the record takes longer than the device bears a silent host."""
        for name in ("a", "b"):
            self.scenario(LONG_DOWNLOAD, name + ".yaml")
        done = self.rig("run", "scenarios", "--no-report", "--json", "--bench", self.bench)
        cases = json.loads(done.stdout)["cases"]
        self.assertEqual([c["verdict"] for c in cases], ["PASS", "PASS"], [c["reason"] for c in cases])

    def test_a_scope_that_is_slow_to_arm_makes_no_device_cut_off(self):
        """Its messages are 50 ms apart, as a Rigol's have to be: arming it takes longer than the device
        bears a silent host, which is 1 s."""
        self.scenario(TWO_CAPTURES)
        bench = self.write("paced.yaml", re.sub(r" *pace: .*\n", "", self.table))
        case = self.case_of(self.rig("run", "scenarios", "--no-report", "--json", "--bench", bench))
        self.assertEqual(case["verdict"], "PASS", case["reason"])
        second = case["steps"][3]
        took = 1e-12 * (second["ended_ps"] - second["begun_ps"])
        self.assertGreater(took, 1.2, "armed without its time between messages")
        signs = [e for e in second["dialogue"] if "keepalive" in e["meaning"] and e["to_device"]]
        self.assertGreaterEqual(len(signs), 2)

    def latency(self, bench=None):
        """The finding of the case on that bench; None: this machine was too slow for an answer."""
        args = ["run", "scenarios", "--no-report", "--json"] + (["--bench", bench] if bench else [])
        case = self.case_of(self.rig(*args))
        if case["verdict"] == "ERROR":
            return None
        return self.findings(case)["output.off_latency"]

    def test_a_sync_edge_makes_a_commands_instant_sharp(self):
        """From a start to the end of the one pulse after it. The simulated bench says how it depends on
        when the device is told."""
        self.scenario(told("120 ms", "123.3 ms", "126.45 ms"))
        simulated = [f["measured"] for s in self.case_of(self.rig(
            "run", "scenarios", "--no-report", "--json"))["steps"] if s["kind"] == "expect"
                     for f in s["findings"]]
        self.assertEqual(len(simulated), 3)
        self.scenario(told("120 ms"))
        for _ in range(5):
            by_host = self.latency(self.bench)
            sharp = self.latency(self.write("rx.yaml", self.table.replace("# - {name: rx",
                                                                          "- {name: rx")))
            if by_host and sharp and by_host.get("measured") and "too slow" not in self.end():
                break
            self.end()
            self.serve()
        else:
            self.fail("in five tries this machine was never fast enough for a bench at real time")
        self.assertEqual(by_host["instant"], "the host's clock")
        self.assertRegex(sharp["instant"], "^the edge of rx, ")
        found, u = sharp["measured"]["value"], sharp["measured"]["k"] * sharp["measured"]["u"]
        self.assertLess(u, 20e-6)
        self.assertGreaterEqual(found, min(s["value"] - math.hypot(u, s["k"] * s["u"])
                                           for s in simulated))
        self.assertLessEqual(found, max(s["value"] + math.hypot(u, s["k"] * s["u"])
                                        for s in simulated))
        host = by_host["measured"]
        self.assertGreater(host["u"], 100 * sharp["measured"]["u"])
        self.assertLess(abs(host["value"] - found), 4 * host["u"], "as far as the rig looks for an edge")

    def test_a_sync_edge_that_never_comes_is_an_error(self):
        self.scenario(told("120 ms"))
        nowhere = self.table.replace("# - {name: rx", "- {name: rx").replace("input: 3", "input: 4")
        case = self.case_of(self.rig("run", "scenarios", "--no-report", "--json", "--bench",
                                     self.write("nowhere.yaml", nowhere)))
        self.assertEqual(case["verdict"], "ERROR")
        self.assertRegex(case["reason"], "sync channel 'rx': expected one rising edge within .* of the "
                                         "host's instant .*, found none$")

    def test_a_machine_that_stood_still_makes_an_error_and_no_verdict_on_the_device(self):
        self.scenario(told("120 ms", "121 ms", "122 ms", "123 ms"))
        rig = subprocess.Popen(
            [RIG, "run", "scenarios", "--no-report", "--json", "--bench", self.bench],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while rig.poll() is None:  # four times the record's length, so that one of them is hit
            self.server.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            self.server.send_signal(signal.SIGCONT)
            time.sleep(0.1)
        out, err = rig.communicate(timeout=20)
        case = json.loads(out)["cases"][0]
        self.assertEqual(case["verdict"], "ERROR", err)
        self.assertRegex(case["reason"], 'the download; it reports -300,"Device-specific error;'
                                         'its samples are not at real time: what serves it is too busy"$')
        self.assertRegex(self.end(), r"rig: this machine was \d+\.\d ms late for what belongs "
                                     "to a record of the scope\n")

    def test_doctor_names_the_words_of_a_dialect_that_nobody_confirmed(self):
        """A scope that says who it is, and no more, stands in for the served one."""
        class Stranger(socketserver.StreamRequestHandler):
            def handle(self):
                for line in self.rfile:
                    if line.strip() == b"*IDN?":
                        self.wfile.write(b"RIGOL TECHNOLOGIES,MSO5074,MS5A1,00.01\n")

        words = "Rigol MSO5000; unconfirmed: depths of :ACQ:MDEP"
        cure = "compare a capture of a known signal before you trust it"
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stranger) as scope:
            threading.Thread(target=scope.serve_forever, daemon=True).start()
            bench = self.write("mso.yaml", self.table.replace(
                "tcp: " + self.tcp, f"tcp: 127.0.0.1:{scope.server_address[1]}"))
            text = self.rig("doctor", bench).stdout
            checks = json.loads(self.rig("doctor", bench, "--json").stdout)["checks"]
            scope.shutdown()
        self.assertIn(f"attention  oscilloscope's dialect: {words}\n             -> {cure}\n", text)
        self.assertIn({"check": "oscilloscope's dialect", "state": "attention", "found": words,
                       "cure": cure}, checks)
        known = json.loads(self.rig("doctor", self.bench, "--json").stdout)["checks"]
        self.assertIn({"check": "oscilloscope's dialect", "state": "good", "found": "Rigol DS1000Z",
                       "cure": ""}, known)

    def test_what_the_table_cannot_do_is_blocked(self):
        self.scenario(NEEDS_A_LOAD_BOX)
        case = self.case_of(self.rig("run", "scenarios", "--no-report", "--json", "--bench",
                                     self.bench))
        self.assertEqual(case["verdict"], "BLOCKED")
        self.assertEqual(case["reason"],
                         "the bench 'Simulated bench, Soleus E, served' lacks: load.open")

    def tell(self, *packets):
        """Framed requests to the device, as firmware_under_test/soleus_e/PROTOCOL.md has them."""
        with open(re.search(r"serial: ([^}]+)", self.table).group(1), "r+b", buffering=0) as port:
            for number, packet in enumerate(packets):
                for _ in range(20):  # until it has booted
                    port.write(framed(bytes([number + 1]) + packet))
                    if select.select([port], [], [], 0.2)[0]:
                        break
                self.assertTrue(port.read(64), "the device answers")

    @unittest.skipUnless(shutil.which("sigrok-cli"), "sigrok-cli is not installed")
    def test_sigrok_reads_the_pulses_from_it(self):
        """Judge of the scope model: sigrok's own driver of these oscilloscopes. 20 mA through the
        shunt of 100 ohm are 2 V; the screen of 12 ms holds a pulse of 120 Hz at least once."""
        host, port = self.tcp.split(":")
        set_ = b"\x03"
        self.tell(set_ + struct.pack("<BI", 1, 20_000), set_ + struct.pack("<BI", 2, 300),
                  set_ + struct.pack("<BI", 4, 120_000), b"\x05")
        done = subprocess.run(
            ["sigrok-cli", "-d", f"rigol-ds:conn=tcp-raw/{host}/{port}", "--frames", "1",
             "--channels", "CH1", "-O", "csv"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        values = [float(line) for line in done.stdout.splitlines()
                  if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", line)]
        self.assertEqual(len(values), 1200, done.stdout[:500])
        self.assertAlmostEqual(max(values), 2.0, delta=0.1)
        self.assertAlmostEqual(min(values), -2.0, delta=0.1)
        wide = sum(value > 1 for value in values)  # samples of 10 us in pulses of 300 us
        self.assertIn(round(wide / 30), (1, 2), wide)


def framed(packet):
    """0x00, COBS(packet, CRC-16/CCITT-FALSE), 0x00."""
    crc = 0xFFFF
    for byte in packet:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    parts = (packet + struct.pack(">H", crc)).split(b"\0")
    return b"\0" + b"".join(bytes([len(part) + 1]) + part for part in parts) + b"\0"


if __name__ == "__main__":
    unittest.main()
