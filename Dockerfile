# One image for every process: web (daphne), worker, and management commands. The command decides.
FROM node:22-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GUICHET_VAR=/var/lib/guichet
WORKDIR /srv/guichet
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/base.txt
COPY manage.py pyproject.toml ./
COPY helpdesk helpdesk
COPY tickets tickets
COPY chat chat
COPY knowledge knowledge
COPY --from=frontend /src/frontend/dist frontend/dist
RUN find . -name '*.po' -execdir pybabel -q compile -i {} -o django.mo \; \
 && python -m compileall -q . \
 && useradd --create-home --home-dir /home/guichet guichet \
 && install -d -o guichet -g guichet /var/lib/guichet
USER guichet
VOLUME /var/lib/guichet
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"
# Embedded by default: one process on SQLite in the volume. compose.yaml shows the production shape.
CMD ["sh", "-c", "python manage.py migrate --verbosity 0 && exec python manage.py serve --host 0.0.0.0 --port 8000"]
