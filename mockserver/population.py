"""Stub, to be replaced."""


class Newcomer: ...


class Population:
    def __init__(self, *names): ...
    def customers(self, start, count, now):
        from types import SimpleNamespace

        for i in range(start, start + count):
            yield SimpleNamespace(document={"external_id": f"cus-{i}"}, created_at=now)
