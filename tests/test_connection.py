"""What clients do on their connections, and that none of them holds up the others."""

from __future__ import annotations

import json
import re
import resource
import socket
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest

from mockserver.environ import HANG_UP, WAIT
from mockserver.messages import LARGEST_BODY, LARGEST_HEAD
from mockserver.server import CONNECTIONS, Server

CUSTOMERS = b"/api/v1/customers"
KEY = b"Authorization: Bearer key-of-the-tests\r\n"
LARGE = 20_000_000
PATIENCE = 20  # seconds; nothing takes that long, unless it never comes


class Client:
    """A client that sends bytes as they are, and reads answers one by one."""

    def __init__(self, server):
        self.channel = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self.channel.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._reader.close()
        self.channel.close()

    def send(self, *pieces):
        for piece in pieces:
            self.channel.sendall(piece)

    def ask(self, path="/", *headers, method="GET"):
        self.send(f"{method} {path} HTTP/1.1\r\n".encode(), *headers, b"\r\n")

    def answer(self, *, to_head=False):
        """Return the next answer: status, headers in lower case and body."""
        status = int(self._reader.readline().split()[1])
        lines = iter(self._reader.readline, b"\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(b":") for x in lines)
        }
        length = 0 if to_head else int(headers.get(b"content-length", 0))
        return status, headers, self._reader.read(length)

    def asked(self, path="/", *headers, method="GET"):
        self.ask(path, *headers, method=method)
        return self.answer()

    def is_answered(self):
        """Say whether something has come; call it before any answer is read."""
        self.channel.settimeout(0)
        try:
            return bool(self.channel.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.channel.settimeout(PATIENCE)

    def rest(self):
        """Return all that comes until the server ends the connection."""
        return self._reader.read()

    def reset(self):
        """Go away without a word, as a process that is killed."""
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._reader.close()
        self.channel.close()


def echo(environ, start):
    """Answer with what came, as JSON."""
    seen = {key: value for key, value in environ.items() if isinstance(value, str)}
    body = json.dumps(seen | {"body": environ["wsgi.input"].read().decode()}).encode()
    start("200 OK", [("Content-Type", "application/json")])
    return [body]


class Waiting:
    """An application whose answers to ``/wait/<name>`` wait for their `release`."""

    def __init__(self):
        self._arrived, self._released = {}, {}

    def __call__(self, environ, start):
        _, kind, name = f"{environ['PATH_INFO']}//".split("/")[:3]
        if kind == "wait":
            environ[WAIT]()
        if kind in {"wait", "block"}:
            self._arrived.setdefault(name, threading.Event()).set()
            self._released.setdefault(name, threading.Event()).wait(2 * PATIENCE)
        start("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    def until_arrived(self, *names):
        for name in names:
            assert self._arrived.setdefault(name, threading.Event()).wait(PATIENCE)

    def release(self, *names):
        for name in names:
            self._released.setdefault(name, threading.Event()).set()

    def release_all(self):
        self.release(*self._released)


@contextmanager
def _most_files(number):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def echoing():
    """A client of a server that says what came."""
    with Server(echo) as server, Client(server) as client:
        yield client


@pytest.fixture
def waiting():
    """An application that makes requests wait; whatever still waits at the end is released."""
    app = Waiting()
    yield app
    app.release_all()


def test_requests_sent_at_once_are_answered_in_their_order(echoing):
    echoing.send(b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(100)))

    paths = [json.loads(echoing.answer()[2])["PATH_INFO"] for _ in range(100)]

    assert paths == [f"/{number}" for number in range(100)]


def test_requests_behind_a_large_answer_are_answered_once_it_is_read():
    def large_first(environ, start):
        start("200 OK", [])
        return [b"x" * LARGE] if environ["PATH_INFO"] == "/large" else [b"small"]

    with Server(large_first) as server, Client(server) as client, Client(server) as other:
        client.send(b"GET /large HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET ? no\r\n")
        other.asked()

        bodies = [client.answer()[2] for _ in range(2)]
        refusal = client.rest()

    assert [len(body) for body in bodies] == [LARGE, 5]
    assert refusal.startswith(b"HTTP/1.1 400 ")


def test_a_request_may_come_byte_by_byte(echoing):
    request = b"POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"

    echoing.send(*(request[place : place + 1] for place in range(len(request))))

    seen = json.loads(echoing.answer()[2])
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"], seen["body"]) == ("POST", "/a b", "body")
    assert (seen["REQUEST_URI"], seen["HTTP_HOST"]) == ("/a%20b?c=d", "a")


def test_an_application_sees_each_header_once(echoing):
    headers = [b"A-B: 1\r\n", b"a-b: 2  \r\n", b"A_B: 3\r\n", b"Content_Length: 4\r\n"]

    _, _, body = echoing.asked("/", *headers)

    seen = json.loads(body)
    assert seen["HTTP_A_B"] == "1,2"
    assert "CONTENT_LENGTH" not in seen


def test_a_body_larger_than_what_is_kept_is_refused_and_the_connection_kept(make_app):
    with Server(make_app()) as server, Client(server) as client:
        length = b"Content-Length: %d\r\n" % (LARGEST_BODY + 1)
        head = b"POST %b HTTP/1.1\r\nContent-Type: application/json\r\n" % CUSTOMERS
        client.send(head, KEY, length, b"\r\n", b" " * (LARGEST_BODY + 1))
        refused, _, _ = client.answer()

        served, _, _ = client.asked("/health")

    assert (refused, served) == (413, 200)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"GET / HTTP/1.1\r\nA: " + b"x" * LARGEST_HEAD + b"\r\n\r\n"], id="header"),
        pytest.param([b"GET /" + b"x" * LARGEST_HEAD + b" HTTP/1.1\r\n\r\n"], id="target"),
        pytest.param([b"GET / HTTP/1.1\r\n", *[b"A: b\r\n"] * 20_000, b"\r\n"], id="many headers"),
        pytest.param([b"GET / HTTP/1.1\r\nA: ", *[b"x" * 1000] * 300], id="without an end"),
    ],
)
def test_a_head_that_is_too_large_is_refused(echoing, pieces):
    _send_what_goes(echoing, pieces)

    status, headers, body = echoing.answer()
    assert (status, json.loads(body)["error"]) == (431, "Request Header Fields Too Large")
    assert headers[b"connection"] == b"close"


def _send_what_goes(client, pieces):
    try:
        client.send(*pieces)
    except OSError:
        return


def test_a_client_that_expects_to_be_told_to_continue_is_told(echoing):
    echoing.ask("/", b"Expect: 100-continue\r\nContent-Length: 4\r\n", method="POST")
    told, _, _ = echoing.answer()

    echoing.send(b"body")

    status, _, body = echoing.answer()
    assert (told, status, json.loads(body)["body"]) == (100, 200, "body")


def test_a_client_is_told_to_continue_after_the_answers_before(echoing):
    echoing.send(b"GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nExpect: 100-continue\r\n")
    echoing.send(b"Content-Length: 4\r\n\r\n")
    first, told = echoing.answer(), echoing.answer()

    echoing.send(b"body")

    assert json.loads(first[2])["PATH_INFO"] == "/1"
    assert told[0] == 100
    assert json.loads(echoing.answer()[2])["body"] == "body"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(b"", b"", id="no body"),
        pytest.param(b"Content-Length: 4\r\n", b"body", id="body"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", b"4\r\nbody\r\n0\r\n\r\n", id="chunks"),
    ],
)
def test_a_client_that_offers_http_2_is_answered_in_http_1(echoing, headers, body):
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n"
    echoing.ask("/a", offer, headers, method="POST")
    echoing.send(body)
    status, _, answer = echoing.answer()

    following, _, _ = echoing.asked()

    seen = json.loads(answer)
    assert (status, following) == (200, 200)
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"]) == ("POST", "/a")
    assert seen["body"] == ("body" if body else "")


def test_a_method_that_http_does_not_have_is_refused(echoing):
    echoing.ask(method="FETCH")

    status, headers, body = echoing.answer()

    assert (status, json.loads(body)["error"]) == (405, "Method Not Allowed")
    assert headers[b"mock-explanation"].startswith(b"request: [http]")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="HTTP/1.0"),
        pytest.param(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", id="asked to close"),
        pytest.param(
            b"GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n", id="twice"
        ),
    ],
)
def test_a_connection_is_closed_after_the_answer_to_who_wants_no_other(echoing, head):
    echoing.send(head)

    status, headers, _ = echoing.answer()

    assert (status, headers[b"connection"]) == (200, b"close")
    assert echoing.rest() == b""


def test_a_client_of_http_1_0_may_keep_its_connection(echoing):
    request = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    echoing.send(request)
    _, headers, _ = echoing.answer()

    echoing.send(request)

    assert headers[b"connection"] == b"keep-alive"
    assert echoing.answer()[0] == 200


def test_a_client_that_sends_on_after_the_last_answer_is_cut_off():
    with Server(echo) as server, Client(server) as client, Client(server) as other:
        client.send(b"no HTTP\r\n\r\n")
        status, _, _ = client.answer()
        ended = _until_ended(client, other)

    assert status == 400
    assert ended


def _until_ended(client, other):
    """Send with *client*, and be served as *other*, until the server has ended the former."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            client.send(b"more")
        except OSError:
            return True
        other.asked()
    return False


def test_an_answer_to_head_has_the_length_of_a_body_and_none(make_app):
    with Server(make_app()) as server, Client(server) as client:
        client.ask("/health", method="HEAD")
        status, headers, _ = client.answer(to_head=True)

        following, _, body = client.asked("/health")

    assert (status, following) == (200, 200)
    assert int(headers[b"content-length"]) == len(body)


def test_a_client_that_will_send_no_more_gets_its_answer():
    with Server(echo) as server, Client(server) as client:
        client.ask()
        client.channel.shutdown(socket.SHUT_WR)

        status, _, _ = client.answer()

        assert client.rest() == b""
    assert status == 200


def test_a_client_that_goes_away_while_its_answer_is_made_hinders_nobody(waiting, caplog):
    with Server(waiting) as server, Client(server) as other:
        gone = Client(server)
        gone.send(b"GET /wait/a HTTP/1.1\r\n\r\nGET /after HTTP/1.1\r\n\r\n")
        waiting.until_arrived("a")
        gone.reset()

        waiting.release("a")

        served, _, _ = other.asked()
    assert served == 200
    assert caplog.messages == []


def test_a_client_that_goes_away_in_its_answer_hinders_nobody():
    def large(_environ, start):
        start("200 OK", [])
        return [b"x" * LARGE]

    with Server(large) as server, Client(server) as other:
        gone = Client(server)
        gone.ask()
        gone.channel.recv(1)
        gone.reset()

        _, _, body = other.asked()

    assert len(body) == LARGE


def test_a_client_that_reads_slowly_gets_all_and_hinders_nobody():
    def large(environ, start):
        start("200 OK", [])
        return [b"x" * LARGE] if environ["PATH_INFO"] == "/large" else [b"small"]

    with Server(large) as server, Client(server) as slow, Client(server) as other:
        slow.ask("/large")
        came, others = 0, set()
        while came < LARGE:
            came += len(slow.channel.recv(500_000))
            others.add(other.asked()[2])

    assert others == {b"small"}


def _raising(_environ, _start):
    raise RuntimeError("a bug")


def _silent(_environ, _start):
    return [b"no status"]


def _unspeakable(_environ, start):
    start("200 OK", [("Name", "\N{SNOWMAN}")])
    return [b""]


@pytest.mark.parametrize(
    "bug",
    [
        pytest.param(_raising, id="raises"),
        pytest.param(_silent, id="without a status"),
        pytest.param(_unspeakable, id="header beyond latin-1"),
    ],
)
def test_an_application_that_fails_costs_one_connection(bug, caplog):
    def app(environ, start):
        return (bug if environ["PATH_INFO"] == "/bug" else echo)(environ, start)

    with Server(app) as server, Client(server) as client, Client(server) as other:
        status, _, body = client.asked("/bug")
        rest = client.rest()
        served, _, _ = other.asked()

    assert (status, json.loads(body)["error"], rest) == (500, "Internal Server Error", b"")
    assert served == 200
    assert caplog.messages == ["GET /bug failed"]


def test_an_application_that_wants_to_exit_ends_the_server_and_says_so(caplog):
    def leaving(_environ, _start):
        raise SystemExit

    with Server(leaving) as server, Client(server) as client:
        client.ask()
        rest = client.rest()

    assert rest == b""
    assert caplog.messages == ["the server has failed"]


def test_an_application_may_close_what_it_answered_with():
    closed = []

    class Body(list):
        def close(self):
            closed.append(self)

    def app(_environ, start):
        start("204 No Content", [])
        return Body()

    with Server(app) as server, Client(server) as client:
        status, headers, _ = client.asked()

    assert (status, b"content-length" in headers) == (204, False)
    assert closed == [[]]


def test_a_connection_is_reset_while_its_request_waits():
    def app(environ, _start):
        environ[WAIT]()
        environ[HANG_UP](reset=True)

    with Server(app) as server, Client(server) as client:
        client.ask()

        with pytest.raises(ConnectionResetError):
            client.rest()


def test_others_are_answered_while_a_request_waits(waiting):
    with Server(waiting) as server, Client(server) as client, Client(server) as other:
        client.ask("/wait/a")
        waiting.until_arrived("a")

        served = [other.asked("/b")[2] for _ in range(10)]

        held_up = not client.is_answered()
        waiting.release("a")
        assert client.answer()[2] == b"/wait/a"
    assert held_up
    assert served == [b"/b"] * 10


def test_many_requests_may_wait_at_once(waiting):
    names = [str(number) for number in range(60)]
    with Server(waiting) as server, Client(server) as other, ExitStack() as stack:
        clients = {name: stack.enter_context(Client(server)) for name in names}
        for name, client in clients.items():
            client.ask(f"/wait/{name}")
        waiting.until_arrived(*names)
        served, _, _ = other.asked()

        waiting.release(*names)

        answers = [client.answer()[2].decode() for client in clients.values()]
    assert served == 200
    assert answers == [f"/wait/{name}" for name in names]


def test_requests_sent_at_once_are_answered_in_their_order_though_some_wait(waiting):
    paths = [b"/1", b"/wait/2", b"/3", b"/wait/4", b"/5"]
    with Server(waiting) as server, Client(server) as client:
        client.send(b"".join(b"GET %b HTTP/1.1\r\n\r\n" % path for path in paths))

        waiting.release("4", "2")

        assert [client.answer()[2] for _ in paths] == paths


def test_who_has_waited_goes_on_though_the_one_before_waits_again(waiting):
    with (
        Server(waiting) as server,
        Client(server) as first,
        Client(server) as second,
        Client(server) as blocking,
    ):
        first.send(b"GET /wait/1 HTTP/1.1\r\n\r\nGET /wait/again HTTP/1.1\r\n\r\n")
        second.ask("/wait/2")
        waiting.until_arrived("1", "2")
        blocking.ask("/block/all")
        waiting.until_arrived("all")
        for name, client in (("1", first), ("2", second)):
            waiting.release(name)
            client.answer()
        waiting.release("all")
        waiting.until_arrived("again")

        served, _, _ = second.asked("/at-once")

        waiting.release("again")
    assert served == 200


def test_a_request_may_wait_twice(waiting):
    def twice(environ, start):
        environ[WAIT]()
        return waiting(environ, start)

    with Server(twice) as server, Client(server) as client, Client(server) as other:
        client.ask("/wait/a")
        waiting.until_arrived("a")
        served, _, _ = other.asked()

        waiting.release("a")

        assert client.answer()[2] == b"/wait/a"
    assert served == 200


def test_requests_that_wait_for_each_other_do_not_wait_for_the_server(waiting):
    def release_other(environ, start):
        if environ["PATH_INFO"] == "/release":
            waiting.release("a")
        return waiting(environ, start)

    with Server(release_other) as server, Client(server) as client, Client(server) as other:
        client.ask("/wait/a")
        other.ask("/release")

        assert client.answer()[0] == other.answer()[0] == 200


def test_without_another_thread_a_request_that_waits_is_answered_all_the_same():
    def starved(environ, start):
        size = threading.stack_size(1 << 46)  # more than there is memory for
        environ[WAIT]()
        threading.stack_size(size)
        start("200 OK", [])
        return [b"in the end"]

    with Server(starved) as server, Client(server) as client:
        answers = [client.asked(), client.asked()]

    assert [body for _, _, body in answers] == [b"in the end"] * 2


def test_a_stop_waits_no_longer_than_its_grace(waiting):
    with Server(waiting, grace=0.1) as server, Client(server) as client:
        client.ask("/wait/a")
        waiting.until_arrived("a")
        server.stop()

        rest = client.rest()

    assert rest == b""


def test_a_delay_holds_up_nobody_else(make_app):
    with Server(make_app()) as server, Client(server) as client, Client(server) as other:
        client.ask(CUSTOMERS.decode(), KEY, b"Mock-Fault: delay 400\r\n")

        served = [other.asked(CUSTOMERS.decode(), KEY)[0] for _ in range(10)]

        held_up = not client.is_answered()
        assert client.answer()[0] == 200
    assert served == [200] * 10
    assert held_up


def test_a_silent_connection_is_closed():
    with (
        Server(echo, silence=0.1) as server,
        Client(server) as idle,
        Client(server) as half,
        Client(server) as other,
    ):
        idle.asked()
        half.send(b"GET / HTTP/1.1\r\n")

        while not all(map(_is_ended, (idle, half))):
            other.asked()

        assert other.asked()[0] == 200


def _is_ended(client):
    client.channel.settimeout(0)
    try:
        return client.channel.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False


def test_beyond_the_most_connections_one_waits_until_another_ends():
    with _most_files(2 * CONNECTIONS + 500), Server(echo) as server, ExitStack() as stack:
        clients = [stack.enter_context(Client(server)) for _ in range(CONNECTIONS)]
        clients[-1].asked()
        late = stack.enter_context(Client(server))
        late.ask("/late")
        clients[0].asked()
        held_up = not late.is_answered()

        clients[0].__exit__()

        assert late.answer()[0] == 200
    assert held_up


def test_without_file_descriptors_others_are_served_and_no_time_is_burnt(caplog):
    with Server(echo) as server, Client(server) as other:
        other.asked()
        with socket.socket() as late:
            late.settimeout(PATIENCE)
            with _most_files(late.fileno()):
                late.connect(("127.0.0.1", server.port))
                late.sendall(b"GET / HTTP/1.1\r\n\r\n")
                served = other.asked()[0]
                began = time.process_time()
                late.settimeout(0.4)
                with pytest.raises(TimeoutError):
                    late.recv(1)
                burnt = time.process_time() - began
            late.settimeout(PATIENCE)

            assert late.recv(12) == b"HTTP/1.1 200"
    assert served == 200
    assert burnt < 0.2
    assert caplog.messages == []


def test_many_offers_of_http_2_at_once_are_answered_one_by_one(echoing):
    offer = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    echoing.send(offer * 2000)

    statuses = {echoing.answer()[0] for _ in range(2000)}

    assert statuses == {200}


def test_an_answer_says_when_it_was_given(echoing):
    _, headers, _ = echoing.asked()

    assert re.fullmatch(rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers[b"date"])
