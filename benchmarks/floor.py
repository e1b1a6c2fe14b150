"""The floor: an empty Flask route that answers 2 kB, on our server or on waitress.

Arguments: ``ours`` or ``waitress``, and the port.
"""

from __future__ import annotations

import sys

from flask import Flask, Response

from mockserver.server import Server

ANSWER = b'{"floor": "' + 2034 * b"." + b'"}\n'  # 2 kB

app = Flask(__name__)


@app.post("/api/v1/customers")
def empty() -> Response:
    return Response(ANSWER, mimetype="application/json")


def main() -> None:
    server, port = sys.argv[1], int(sys.argv[2])
    if server == "waitress":
        from waitress import serve  # which sockets.py puts on the path

        serve(app, host="127.0.0.1", port=port, threads=8, _quiet=True)
    else:
        Server(app, port=port).run()


if __name__ == "__main__":
    main()
