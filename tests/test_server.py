"""The application on a real port: answers, keep-alive, ports in use, and stopping."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection, IncompleteRead

import pytest

from mockserver.environ import WAIT
from mockserver.server import PortTaken, Server

PATH = "/api/v1/customers"
KEY = {"Authorization": "Bearer key-of-the-tests"}
PROMPT = 5.0  # seconds; what a person calls at once, on a machine that is busy


def _can_bind(host):
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind((host, 0))
    except OSError:
        return False
    return True


HOSTS = ["127.0.0.1", "localhost", *(["::1"] if _can_bind("::1") else [])]


def _hello(_environ, start):
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def _exchange(connection, method, path, **more):
    connection.request(method, path, **more)
    response = connection.getresponse()
    return response, response.read()


def _wait_until_refused(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=20).close()
        except OSError:
            return


@pytest.fixture
def connect(make_app):
    """Serve a real application and connect to it."""
    with (
        Server(make_app()) as server,
        closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection,
    ):
        yield connection


@pytest.mark.parametrize("host", [pytest.param(host, id=host) for host in HOSTS])
def test_a_server_answers_at_its_address(make_app, host):
    with (
        Server(make_app(), host) as server,
        closing(HTTPConnection(host, server.port, timeout=20)) as connection,
    ):
        response, body = _exchange(connection, "GET", "/health")

    assert response.status == 200
    assert response.getheader("Content-Type") == "application/json; charset=utf-8"
    assert json.loads(body)["message"] == "Success"


@pytest.mark.parametrize(
    ("host", "shown"),
    [pytest.param(host, f"[{host}]" if ":" in host else host, id=host) for host in HOSTS],
)
def test_the_url_is_what_clients_are_given(host, shown):
    with Server(_hello, host) as server:
        url = server.url

    assert server.port > 0
    assert url == f"http://{shown}:{server.port}"


def test_a_connection_is_kept_for_the_next_request(connect):
    first, _ = _exchange(connect, "GET", "/health")
    used = connect.sock

    second, _ = _exchange(connect, "GET", "/nowhere")

    assert (first.status, second.status) == (200, 404)
    assert connect.sock is used is not None


def test_a_connection_is_kept_after_a_refused_body(connect):
    headers = {"Content-Type": "text/plain"}
    refused, _ = _exchange(connect, "POST", PATH, body=b"x" * 100_000, headers=headers | KEY)

    response, _ = _exchange(connect, "GET", PATH, headers=KEY)

    assert (refused.status, response.status) == (400, 200)


def test_a_body_sent_in_chunks_is_read(connect):
    parts = iter([b'{"customer": {"exter', b'nal_id": "acme"}}'])
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"} | KEY

    response, body = _exchange(
        connect, "POST", PATH, body=parts, headers=headers, encode_chunked=True
    )

    assert response.status == 200
    assert json.loads(body)["customer"]["external_id"] == "acme"


@pytest.mark.parametrize(
    ("external_id", "target"),
    [
        pytest.param("a/b", f"{PATH}/a%2Fb", id="escaped slash"),
        pytest.param("a%2Fb", f"{PATH}/a%252Fb", id="escaped escape"),
        pytest.param("Zoë", f"{PATH}/Zo%C3%AB", id="beyond ASCII"),
        pytest.param("a b", f"{PATH}/a%20b?page=1", id="space and query"),
        pytest.param("acme", "//api/v1//customers/acme/", id="doubled slashes"),
        pytest.param("acme", f"http://lago.test{PATH}/acme", id="whole URL, as to a proxy"),
    ],
)
def test_a_path_over_the_wire_finds_what_it_names(connect, external_id, target):
    body = json.dumps({"customer": {"external_id": external_id}})
    _exchange(connect, "POST", PATH, body=body, headers={"Content-Type": "application/json"} | KEY)

    response, answer = _exchange(connect, "GET", target, headers=KEY)

    assert response.status == 200
    assert json.loads(answer)["customer"]["external_id"] == external_id


def test_an_answer_304_has_no_body_and_keeps_the_connection(connect):
    first, _ = _exchange(connect, "GET", "/health")
    known = {"If-None-Match": first.getheader("ETag")}

    second, body = _exchange(connect, "GET", "/health", headers=known)

    third, _ = _exchange(connect, "GET", "/health")
    assert (second.status, body) == (304, b"")
    assert third.status == 200


def test_an_explanation_arrives_whole_over_the_wire(connect):
    body = json.dumps({"customer": {"a\r\nb: c\x7f": 1}})
    headers = {"Content-Type": "application/json"} | KEY

    response, _ = _exchange(connect, "POST", PATH, body=body, headers=headers)

    explanation = response.getheader("Mock-Explanation")
    assert response.status == 422
    assert explanation.isascii()
    assert explanation.isprintable()
    assert response.getheader("b") is None


def test_a_port_in_use_is_told_with_the_way_out():
    with Server(_hello) as server, pytest.raises(PortTaken) as refused:
        Server(_hello, port=server.port)

    text = str(refused.value)
    assert text.startswith(f"Cannot listen on 127.0.0.1:{server.port}: ")
    assert "--port" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("host", "port"),
    [
        pytest.param("192.0.2.1", 0, id="address of another machine"),
        pytest.param("127.0.0.1", 70_000, id="port out of range"),
        pytest.param("a..b", 0, id="name with an empty part"),
        pytest.param("x" * 70, 0, id="name with a part too long"),
    ],
)
def test_an_address_that_cannot_be_had_is_told(host, port):
    with pytest.raises(PortTaken) as refused:
        Server(_hello, host, port)

    assert str(refused.value).startswith(f"Cannot listen on {host}:{port}: ")


def test_a_port_can_be_used_again_as_soon_as_the_server_has_stopped():
    with (
        Server(_hello) as first,
        closing(HTTPConnection("127.0.0.1", first.port, timeout=20)) as connection,
    ):
        _exchange(connection, "GET", "/")

    with (
        Server(_hello, port=first.port) as second,
        closing(HTTPConnection("127.0.0.1", second.port, timeout=20)) as connection,
    ):
        _, body = _exchange(connection, "GET", "/")

    assert body == b"hello"


def test_a_request_in_flight_gets_its_answer_after_stop_and_nothing_is_logged(caplog):
    arrived, release = threading.Event(), threading.Event()

    def slow(environ, start):
        environ[WAIT]()
        arrived.set()
        release.wait(20)
        return _hello(environ, start)

    server = Server(slow)
    serving = threading.Thread(target=server.run)
    serving.start()
    with (
        ThreadPoolExecutor(1) as pool,
        closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection,
    ):
        answer = pool.submit(_exchange, connection, "GET", "/")
        assert arrived.wait(20)

        server.stop()
        _wait_until_refused(server.port)
        release.set()

        response, body = answer.result(20)
    serving.join(20)
    assert (response.status, body) == (200, b"hello")
    assert not serving.is_alive()
    assert caplog.messages == []


def test_a_large_answer_in_flight_arrives_whole_after_stop():
    size = 20_000_000
    arrived, release = threading.Event(), threading.Event()

    def large(environ, start):
        environ[WAIT]()
        arrived.set()
        release.wait(20)
        start("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    server = Server(large)
    serving = threading.Thread(target=server.run)
    serving.start()
    with (
        ThreadPoolExecutor(1) as pool,
        closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection,
    ):
        answer = pool.submit(_exchange, connection, "GET", "/")
        assert arrived.wait(20)

        server.stop()
        _wait_until_refused(server.port)
        release.set()

        _, body = answer.result(20)
    serving.join(20)
    assert len(body) == size


def test_a_stopped_server_accepts_no_connection():
    with Server(_hello) as server:
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_an_idle_server_stops_promptly():
    began = time.monotonic()

    with Server(_hello):
        pass

    assert time.monotonic() - began < PROMPT


def test_a_server_with_an_idle_connection_stops_promptly(make_app):
    server = Server(make_app())
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        with server:
            _exchange(connection, "GET", "/health")
            began = time.monotonic()

        assert time.monotonic() - began < PROMPT


def test_stop_may_be_called_before_the_server_runs():
    server = Server(_hello)
    server.stop()

    server.run()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_stop_may_be_called_again_after_the_server_has_stopped():
    with Server(_hello) as server:
        pass

    server.stop()

    assert server.port > 0


def test_two_servers_in_one_process_know_nothing_of_each_other(make_app):
    body = json.dumps({"customer": {"external_id": "acme"}})
    headers = {"Content-Type": "application/json"} | KEY
    with Server(make_app()) as first, Server(make_app()) as second:
        with closing(HTTPConnection("127.0.0.1", first.port, timeout=20)) as connection:
            made, _ = _exchange(connection, "POST", PATH, body=body, headers=headers)

        with closing(HTTPConnection("127.0.0.1", second.port, timeout=20)) as connection:
            found, _ = _exchange(connection, "GET", f"{PATH}/acme", headers=KEY)

    assert (made.status, found.status) == (200, 404)


def test_many_idle_connections_hinder_nobody(make_app):
    with Server(make_app()) as server, ExitStack() as idle:
        for _ in range(150):
            connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
            idle.enter_context(closing(connection))
            _exchange(connection, "GET", "/health")

        last = idle.enter_context(closing(HTTPConnection("127.0.0.1", server.port, timeout=20)))
        response, _ = _exchange(last, "GET", "/health")

    assert response.status == 200


@pytest.mark.parametrize(
    "request_text",
    [
        pytest.param(b"get / HTTP/1.1\r\n\r\n", id="lower-case method"),
        pytest.param(b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", id="bad length"),
        pytest.param(b"GET / HTTP/1.1\r\nno header\r\n\r\n", id="bad header"),
    ],
)
def test_what_is_no_http_is_refused_in_json_with_an_explanation(make_app, request_text):
    with Server(make_app()) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, timeout=20) as connection:
            connection.sendall(request_text)
            answer = b"".join(iter(lambda: connection.recv(4096), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert json.loads(body) == {"status": 400, "error": "Bad Request"}
    assert b"application/json; charset=utf-8" in head
    assert b"Mock-Explanation: request: [http]" in head


def test_a_client_that_does_not_read_its_answer_does_not_hold_up_a_stop():
    def large(_environ, start):
        start("200 OK", [("Content-Length", str(50_000_000))])
        return [b"x" * 50_000_000]

    with Server(large) as server:
        unread = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        unread.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        first = unread.recv(1)
        began = time.monotonic()
    with unread:
        assert first == b"H"
        assert time.monotonic() - began < PROMPT


def test_a_second_stop_waits_for_no_answer():
    asked, release = threading.Event(), threading.Event()

    def slow(environ, start):
        environ[WAIT]()
        asked.set()
        release.wait(20)
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    server = Server(slow)
    running = threading.Thread(target=server.run)
    running.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as waiting:
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        asked.wait(20)
        server.stop()
        server.stop()
        running.join(PROMPT)
        ended = not running.is_alive()
        release.set()
        running.join(20)

    assert ended


def test_a_server_may_be_stopped_within_its_block():
    with Server(_hello) as server:
        server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=20)


def _asked(server, fault, path="/api/v1/customers"):
    headers = {"Authorization": "Bearer a-key", "Mock-Fault": fault}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().read()


def test_a_fault_resets_the_connection_and_the_server_goes_on(make_app):
    with Server(make_app()) as server:
        with pytest.raises(ConnectionResetError):
            _asked(server, "reset")

        assert b"customers" in _asked(server, "delay 1")


def test_a_fault_cuts_the_answer_short_and_the_server_goes_on(make_app):
    with Server(make_app()) as server:
        with pytest.raises(IncompleteRead) as cut:
            _asked(server, "truncate")

        assert cut.value.partial
        assert b"customers" in _asked(server, "delay 1")
