"""`kinema view` answers those who know its token, about the files that it was given, and no others."""

import http.client
import json
import re
import signal
import struct
import subprocess
import sys
import time

from kinema_cli import SKIPPED, bytes_of, kinema, refused, run, run_tests, simulate, write_npy


class View:
    """`kinema view` while it runs."""

    def __init__(self, *words):
        command = [kinema, "view", *map(str, words), "--no-browser", "--quiet"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        self.url = self.process.stdout.readline().strip()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/[0-9a-f]{32}/)", self.url)
        assert found, (self.url, self.process.stderr.read() if not self.url else "")
        self.port, self.token = int(found[1]), found[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, said

    def ask(self, path, method="GET", host=None):
        """(status, headers, body) of a path as it stands, without the token being added."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def player(self, number=0):
        return json.loads(self.ask(f"{self.token}players/{number}")[2])

    def tile(self, pane, image, level=0, row=0, column=0):
        status, headers, body = self.ask(
            f"{self.token}panes/{pane}?image={image}&level={level}&row={row}&column={column}")
        return status, headers.get("X-Kinema-Type"), body


def test_it_serves_a_page_that_asks_nobody_else():
    with View("movie.npy") as view:
        status, headers, body = view.ask(view.token)
        assert status == 200 and headers["Content-Type"].startswith("text/html")
        assert b"connect-src 'self'" in body and b"default-src 'none'" in body
        assert headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"


def test_a_wrong_token_is_refused():
    with View("movie.npy") as view:
        wrong = "/" + "0" * 32 + "/"
        for path in ("/", "/movie.npy", wrong, wrong + "players/0", view.token[:-2] + "/",
                     "//" + view.token, "/favicon.ico"):
            status, _, body = view.ask(path)
            assert status == 403, (path, status)
            assert view.token.strip("/").encode() not in body


def test_a_wrong_host_is_refused():
    with View("movie.npy") as view:
        for host in ("evil.example", f"evil.example:{view.port}", "127.0.0.1", "127.0.0.1:1",
                     f"127.0.0.1.evil.example:{view.port}"):
            assert view.ask(view.token, host=host)[0] == 403, host
        assert view.ask(view.token, host=f"localhost:{view.port}")[0] == 200


def test_nothing_else_can_be_read():
    with open("secret.txt", "w", encoding="utf-8") as file:
        file.write("the secret")
    with View("movie.npy") as view:
        for path in ("secret.txt", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt",
                     "panes/../secret.txt", "panes/0/../../secret.txt", "movie.npy", "/etc/passwd",
                     "players/1", "players/-1", "players/99999999999999999999", "panes/1", "panes/x"):
            status, _, body = view.ask(view.token + path)
            assert status in (403, 404), (path, status)
            assert b"secret" not in body and b"root:" not in body, path
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert view.ask(view.token, method)[0] in (400, 403, 405), method


def test_tiles_are_the_frames():
    pixels = bytes_of("movie.npy")[-12 * 64 * 64:]
    with View("movie.npy") as view:
        assert view.player()["total_frames"] == 12
        for image in (0, 7, 11):
            status, kind, body = view.tile(0, image)
            assert (status, kind) == (200, "u8")
            assert body == pixels[image * 4096:(image + 1) * 4096]
        for words in ((0, 12), (0, -1), (0, 0, 31), (0, 0, 0, 1), (0, 0, 0, 0, -1), (0, "x")):
            status, _, body = view.tile(*words)
            assert status == 400 and b"no " in body, (words, status)


def test_levels_of_large_frames_are_means():
    values = struct.pack("<1500H", *range(1500)) * 1200
    write_npy("large.npy", "'<u2'", (1, 1200, 1500), values)
    with View("large.npy") as view:
        assert view.player()["panes"][0]["tiles"]["levels"] == 2
        status, kind, body = view.tile(0, 0, level=1)
        assert (status, kind, len(body)) == (200, "f32", 600 * 750 * 4)
        assert struct.unpack("<3f", body[:12]) == (0.5, 2.5, 4.5)
        corner = view.tile(0, 0, 0, 1, 1)
        assert corner[1] == "u16" and len(corner[2]) == (1200 - 1024) * (1500 - 1024) * 2
        assert struct.unpack("<H", corner[2][:2])[0] == 1024


def test_a_container_shows_its_measurement_and_decodes():
    run("codec", "decode", "coded.h5", "-o", "decoded.npy", "--force", "--quiet")
    decoded = bytes_of("decoded.npy")[-12 * 4096 * 4:]
    with View("movie.npy", "coded.h5") as view:
        panes = view.player()["panes"]
        assert [pane["name"] for pane in panes] == [
            "movie.npy", "coded.h5: measurement", "coded.h5: decoded"]
        assert panes[1]["image_starts"] == [0, 4, 8]
        assert view.tile(1, 2)[0] == 200 and view.tile(1, 3)[0] == 400
        for frame in (5, 0):
            status, kind, body = view.tile(2, frame)
            assert (status, kind) == (200, "f32")
            assert body == decoded[frame * 4096 * 4:(frame + 1) * 4096 * 4]


def test_a_growing_container_is_followed():
    frame = bytes(range(256)) * 16
    command = [kinema, "codec", "encode", "-", "--shape", "64x64", "--type", "uint8", "--ratio", "4",
               "-o", "grows.h5", "--quiet", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as writer:
        def send(frames):
            writer.stdin.write(frame * frames)
            writer.stdin.flush()

        def wait_for(frames, growing):
            end = time.monotonic() + 20
            while (said := view.player())["total_frames"] < frames or said["growing"] != growing:
                assert time.monotonic() < end, said
                time.sleep(0.1)

        send(9)
        end = time.monotonic() + 20
        while run("info", "grows.h5.partial", "--json", code=None).code != 0:
            assert time.monotonic() < end
            time.sleep(0.1)
        with View("grows.h5") as view:
            wait_for(4, True)
            send(11)
            wait_for(12, True)
            writer.stdin.close()
            wait_for(20, False)
            assert view.tile(0, 4)[0] == 200


def test_hostile_names_stay_text():
    name = "<script>alert(1)<\u2044script><img src=x onerror=alert(2)>.npy"
    with open(name, "wb") as file:
        file.write(bytes_of("movie.npy"))
    with View(name) as view:
        html = view.ask(view.token)[2]
        assert b"<script>alert" not in html and b"<img" not in html
        assert view.player()["panes"][0]["name"] == name


def test_refusals_are_one_line():
    refused("view", "absent.mrc", says="absent.mrc")
    refused("view", "movie.npy", "--port", "70000", says=["port 70000", "1 to 65535"])
    write_npy("complex.npy", "'<c8'", (1, 4, 4), bytes(128))
    refused("view", "complex.npy", says=["complex.npy", "complex64", "convert --part"])
    with View("movie.npy") as view:
        refused("view", "movie.npy", "--port", view.port, says=["is taken", "--port"])


def test_it_ends_when_nobody_looks():
    started = time.monotonic()
    run("view", "movie.npy", "--no-browser", "--idle", "100 ms")
    assert time.monotonic() - started < 10


if __name__ == "__main__":
    simulate("movie.npy", 12, 64, 64)
    run("codec", "encode", "movie.npy", "-o", "coded.h5", "--ratio", 4, "--quiet")
    if "without cpp-httplib" in run("view", "movie.npy", "--no-browser", "--idle", "10 ms",
                                    code=None).err:
        print("skipped: built without cpp-httplib")
        sys.exit(SKIPPED)
    run_tests(globals())
