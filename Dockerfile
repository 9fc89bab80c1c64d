# syntax=docker/dockerfile:1
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM node:22-bookworm-slim AS web
WORKDIR /app/frontend
COPY frontend ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && node build.mjs

FROM python:3.12-slim-bookworm
# A runtime for the engines datax and addax; the embedded engine needs none.
ARG WITH_JAVA=
# hadolint ignore=DL3008
RUN if [ -n "$WITH_JAVA" ]; then \
      apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*; \
    fi
RUN useradd --uid 10001 --create-home --home-dir /app datax && mkdir /app/var && chown datax:datax /app/var
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY . .
COPY --from=web /app/webapp/static/dist webapp/static/dist
ENV PATH=/app/.venv/bin:$PATH HOST=0.0.0.0 PORT=8000 VAR_DIR=/app/var PYTHONUNBUFFERED=1 FLASK_APP=wsgi
USER 10001
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "python:webapp.local.gunicorn", "wsgi:app"]
