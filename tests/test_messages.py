"""HTTP messages as bytes: however they are cut, the same requests come out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.environ import KEEP_ALIVE
from mockserver.heads import Heads
from mockserver.messages import LARGEST_BODY, LARGEST_HEAD, Refused, Requests, answer

TOKENS = st.text("abcXYZ019-", min_size=1, max_size=8)
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)


def _read(pieces):
    """Return the requests in *pieces*, their bodies as bytes, and what was refused."""
    requests, refused = Requests({"wsgi.version": (1, 0)}), None
    try:
        for piece in pieces:
            requests.feed(piece)
    except Refused as error:
        refused = error.answer.partition(b"\r\n")[0]
    return [each | {"wsgi.input": each["wsgi.input"].read()} for each in requests.complete], refused


def _only(*pieces):
    (request,), refused = _read(pieces)
    assert refused is None
    return request


def _chunked(body, size):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@st.composite
def _requests(draw):
    """Draw the bytes of a request that keeps the connection."""
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS"]))
    target = draw(st.sampled_from([b"/", b"/a%20b?c=%2F", b"//a/b/", b"http://a.test/b", b"*"]))
    head = [b"%b %b HTTP/1.1" % (method, target)]
    for name, value in draw(st.lists(st.tuples(TOKENS, VALUES), max_size=4)):
        head.append(f"X-{name}: {value}".encode("latin-1"))
    if draw(st.booleans()):
        head += [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"]
    body = draw(st.binary(max_size=40))
    if draw(st.booleans()):
        head.append(b"Expect: 100-continue")
    if draw(st.booleans()):
        head.append(b"Transfer-Encoding: chunked")
        body = _chunked(body, draw(st.integers(1, 20)))
    else:
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*head, b"", body])


@given(st.lists(_requests(), min_size=1, max_size=4), st.data())
def test_however_requests_are_cut_into_pieces_the_same_come_out(requests, data):
    text = b"".join(requests)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=30)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    whole, refused = _read([text])

    assert (len(whole), refused) == (len(requests), None)
    assert _read(pieces) == (whole, None)
    assert _read(text[place : place + 1] for place in range(len(text))) == (whole, None)


@given(st.lists(_requests(), min_size=1, max_size=4))
def test_a_head_that_came_before_is_read_as_it_was_the_first_time(requests):
    text = b"".join(requests)
    byte_by_byte = _read(text[place : place + 1] for place in range(len(text)))

    assert _read(requests) == byte_by_byte
    assert _read(requests) == byte_by_byte


def test_behind_a_known_head_come_new_bodies_of_new_clients():
    head, heads = b"POST /known HTTP/1.1\r\nContent-Length: 2\r\n\r\n", Heads()
    first, second = Requests({"REMOTE_ADDR": "a"}, heads), Requests({"REMOTE_ADDR": "b"}, heads)

    first.feed(head + b"hi")
    second.feed(head + b"ho")
    second.feed(head + b"h")
    second.feed(b"e" + head + b"ha")

    assert heads.find(head.removesuffix(b"\r\n\r\n")) is not None
    came = [(each["REMOTE_ADDR"], each["wsgi.input"].read()) for each in second.complete]
    assert came == [("b", b"ho"), ("b", b"he"), ("b", b"ha")]
    assert [each["wsgi.input"].read() for each in first.complete] == [b"hi"]


def test_after_a_request_that_ends_the_connection_a_known_head_is_refused_too():
    known = b"GET /known HTTP/1.1\r\n\r\n"
    last = b"GET /last HTTP/1.1\r\nConnection: close\r\n\r\n"
    heads = Heads()
    Requests({}, heads).feed(known)

    for _ in range(2):
        requests = Requests({}, heads)
        requests.feed(last)
        with pytest.raises(Refused):
            requests.feed(known)
        assert [each[KEEP_ALIVE] for each in requests.complete] == [False]


def test_blank_lines_between_requests_are_none_however_many():
    requests = Requests({}, Heads())

    for _ in range(9):
        requests.feed(b"GET /blank HTTP/1.1\r\n\r\n")
        requests.feed(b"\r\n" * (LARGEST_HEAD // 8))
        requests.feed(b"\r\n\r\n")

    assert len(requests.complete) == 9


def test_a_request_becomes_an_environ():
    request = _only(
        b"POST /a%20b/%C3%AB?c=%20 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain \r\n"
        b"X-One: 1\r\nX_One: 2\r\nContent-Length: 2\r\n\r\nhi"
    )

    assert request == {
        "wsgi.version": (1, 0),
        "wsgi.input": b"hi",
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/a%20b/%C3%AB?c=%20",
        "PATH_INFO": "/a b/\xc3\xab",
        "QUERY_STRING": "c=%20",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "a",
        "HTTP_X_ONE": "1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "2",
        KEEP_ALIVE: True,
    }


def test_what_follows_a_body_in_chunks_is_no_header():
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n"

    request = _only(head + b"2\r\nhi\r\n0\r\nX-A: 2\r\nAuthorization: Bearer x\r\n\r\n")

    assert (request["wsgi.input"], request["CONTENT_LENGTH"]) == (b"hi", "2")
    assert request["HTTP_X_A"] == "1"
    assert "HTTP_AUTHORIZATION" not in request


def test_a_body_too_large_is_measured_and_not_kept():
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 9)

    request = _only(head, b" " * LARGEST_BODY, b"too much ")

    assert (request["wsgi.input"], request["CONTENT_LENGTH"]) == (b"", str(LARGEST_BODY + 9))


@pytest.mark.parametrize(
    ("spare", "refused"),
    [
        pytest.param(0, None, id="as large as may be"),
        pytest.param(1, b"HTTP/1.1 431 Request Header Fields Too Large", id="a byte larger"),
    ],
)
@pytest.mark.parametrize("piece", [pytest.param(n, id=f"by {n}") for n in (1, 1000, 10**6)])
def test_the_limit_of_a_head_is_the_same_in_pieces(spare, refused, piece):
    before = b"GET /before HTTP/1.1\r\n\r\n"
    head = b"GET / HTTP/1.1\r\nA: %b\r\n\r\n" % (b"x" * (LARGEST_HEAD - 6 + spare))
    text = before + head

    requests, found = _read(text[at : at + piece] for at in range(0, len(text), piece))

    assert found == refused
    assert len(requests) == (1 if refused else 2)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        pytest.param(b"FETCH / HTTP/1.1\r\n\r\n", b"405 Method Not Allowed", id="unknown method"),
        pytest.param(b"get / HTTP/1.1\r\n\r\n", b"400 Bad Request", id="lower-case method"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", b"400 Bad Request", id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400 Bad Request", id="HTTP/2"),
        pytest.param(b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", b"400 Bad Request", id="folded"),
        pytest.param(b"GET /Zo\xc3\xab HTTP/1.1\r\n\r\n", b"400 Bad Request", id="raw UTF-8"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"400 Bad Request",
            id="two lengths",
        ),
    ],
)
def test_what_is_no_http_is_refused_in_pieces_too(text, refused):
    line = b"HTTP/1.1 " + refused

    assert _read([text]) == ([], line)
    assert _read(text[place : place + 1] for place in range(len(text))) == ([], line)


@pytest.mark.parametrize(
    ("version", "header", "kept"),
    [
        pytest.param("1.1", "A: b", True, id="1.1"),
        pytest.param("1.1", "Connection: close", False, id="1.1 close"),
        pytest.param("1.0", "A: b", False, id="1.0"),
        pytest.param("1.0", "Connection: keep-alive", True, id="1.0 keep-alive"),
    ],
)
def test_a_request_says_whether_another_may_follow(version, header, kept):
    request = _only(f"GET / HTTP/{version}\r\n{header}\r\n\r\n".encode())

    assert request[KEEP_ALIVE] is kept


@pytest.mark.parametrize(
    ("version", "body", "expected"),
    [
        pytest.param("1.1", b"", True, id="body to come"),
        pytest.param("1.1", b"hi", False, id="body there already"),
        pytest.param("1.0", b"", False, id="HTTP/1.0"),
    ],
)
def test_a_client_that_waits_before_its_body_is_noticed(version, body, expected):
    requests = Requests({})
    head = f"POST / HTTP/{version}\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"

    requests.feed(head.encode() + body)

    assert requests.expected is expected


@pytest.mark.parametrize(
    ("status", "headers", "length"),
    [
        pytest.param("200 OK", [], [b"Content-Length: 5"], id="added"),
        pytest.param("200 OK", [("content-length", "9")], [b"content-length: 9"], id="told"),
        pytest.param("204 No Content", [], [], id="none to 204"),
        pytest.param("304 Not Modified", [], [], id="none to 304"),
    ],
)
def test_an_answer_tells_the_length_of_its_body(status, headers, length):
    text = answer(status, headers, [b"hel", b"lo"], keep_alive=True)

    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == f"HTTP/1.1 {status}".encode()
    assert [line for line in lines if b"length" in line.lower()] == length
    assert b"Connection: keep-alive" in lines
    assert body == b"hello"


def test_a_header_without_an_end_behind_a_body_is_refused():
    requests = Requests({})
    requests.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ")

    with pytest.raises(Refused):
        requests.feed(b"x" * (3 * LARGEST_HEAD))


def test_a_header_with_an_overlong_name_is_dropped():
    requests = Requests({})

    requests.feed(b"GET / HTTP/1.1\r\n" + b"x" * 300 + b": y\r\nHost: a\r\n\r\n")

    assert [key for key in requests.complete[0] if key.startswith("HTTP_")] == ["HTTP_HOST"]
