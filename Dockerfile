# syntax=docker/dockerfile:1
FROM python:3.13-slim-trixie AS base

FROM base AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Without pip: the base's own fills the environment from outside.
RUN python -m venv --without-pip /opt/venv
WORKDIR /src
COPY requirements.lock ./
# Of all that Faker can make up we take names and random letters: the rest is most of what is
# installed, and every start would import it.
RUN pip --python /opt/venv/bin/python install --no-compile \
        --require-hashes --only-binary :all: -r requirements.lock \
 && find /opt/venv/lib -regextype posix-extended -type d \
        -regex '.*/(tests|faker/providers/[a-z_]+)' ! -regex '.*/(misc|person|python)' \
        -prune -exec rm -r {} +
COPY pyproject.toml README.md LICENSE ./
COPY mockserver/ mockserver/
COPY schemas/ schemas/
COPY fixtures/ fixtures/
# Compiled by hash and not by time: the same sources give the same files, and no start compiles.
RUN pip wheel --no-deps --wheel-dir /dist . \
 && pip --python /opt/venv/bin/python install --no-compile --no-deps --no-index /dist/*.whl \
 && pip --python /opt/venv/bin/python check \
 && /opt/venv/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /opt/venv/lib

FROM base
RUN groupadd --gid 10001 lago \
 && useradd --no-log-init --uid 10001 --gid lago --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin lago
# Owned by root: the server cannot change its own code.
COPY --from=build /opt/venv /opt/venv
# The base image has no compiled standard library, and a read-only root would compile it anew at
# every start and every health check: what these import is kept.
RUN /opt/venv/bin/python -c \
    "import mockserver.cli, mockserver.health, mockserver.server, mockserver.web"
# The port is not set here, so that a platform's PORT counts; it is 3000 by default.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LAGO_MOCK_HOST=0.0.0.0
ENV LAGO_MOCK_LOG_FORMAT=json
WORKDIR /data
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=0.5s --retries=3 \
    CMD ["lago-mockserver", "healthcheck"]
ENTRYPOINT ["lago-mockserver"]
CMD ["serve"]
# Last, so that a new revision rebuilds no layer.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="lago-mockserver" \
      org.opencontainers.image.description="A stand-in for Lago's customers API that explains every refusal" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
