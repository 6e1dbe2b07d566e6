# revtrace as one image: `up` by default, or `collect`, `work` and `dashboards` against a server.
# The build stage does what `make setup` does, without what only developing needs.

FROM python:3.11-slim AS build
WORKDIR /source
COPY constraints.txt constraints-dev.txt ./
RUN python -m venv /opt/revtrace \
    && /opt/revtrace/bin/pip install --no-cache-dir --require-hashes -r constraints.txt
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r constraints-dev.txt
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY collector collector
COPY lineage lineage
COPY alerts alerts
COPY dashboards dashboards
COPY revtrace revtrace
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/revtrace/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/revtrace --create-home revtrace
COPY --from=build /opt/revtrace /opt/revtrace
USER revtrace
WORKDIR /var/lib/revtrace
# Inside a container loopback would reach nobody; what is published is for the one who runs it to say.
ENV PATH=/opt/revtrace/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    REVTRACE_HOME=/var/lib/revtrace/data \
    REVTRACE_HTTP__HOST=0.0.0.0 \
    REVTRACE_GRPC__HOST=0.0.0.0 \
    REVTRACE_DASHBOARDS__HOST=0.0.0.0
VOLUME /var/lib/revtrace
EXPOSE 4317 4318 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:4318/healthz', timeout=4)"]
ENTRYPOINT ["revtrace"]
CMD ["up"]
