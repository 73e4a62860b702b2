# parlour as a server, on the embedded store. Build: docker build -t parlour . Run: see compose.yaml.

FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
# The locked dependencies first: this layer stays until a lock changes.
COPY requirements/bootstrap.lock requirements/server.lock requirements/
RUN python -m venv /build/tools \
    && /build/tools/bin/pip install --require-hashes --requirement requirements/bootstrap.lock \
    && python -m venv --without-pip /opt/parlour \
    && /build/tools/bin/uv pip install --python /opt/parlour/bin/python --compile-bytecode \
        --require-hashes --requirement requirements/server.lock
COPY pyproject.toml README.md LICENSE ./
COPY parlour parlour
RUN /build/tools/bin/python -m hatchling build --target wheel \
    && /build/tools/bin/uv pip install --python /opt/parlour/bin/python --compile-bytecode --no-deps dist/*.whl

FROM python:3.13-slim
LABEL org.opencontainers.image.title="parlour" \
    org.opencontainers.image.description="Team chat as a domain library, run as a server" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 parlour \
    && useradd --system --uid 10001 --gid parlour --home-dir /data --shell /usr/sbin/nologin parlour \
    && install --directory --owner=parlour --group=parlour --mode=0750 /data
COPY --from=build /opt/parlour /opt/parlour
COPY feature_flags.toml /etc/parlour/feature_flags.toml
ENV PATH=/opt/parlour/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    FEATURE_FLAGS=/etc/parlour/feature_flags.toml
USER 10001:10001
# What the server writes, its database and its key, is in its working directory.
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/simple', timeout=2)"]
CMD ["parlour", "serve"]
