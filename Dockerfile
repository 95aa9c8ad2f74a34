# Newswatch and Airflow on the Python that the tests run on, with the same pinned requirements.
FROM python:3.11.14-slim-trixie

# pg_dump, pg_restore and psql of PostgreSQL 17, with which Newswatch copies a ledger.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*

# No user of the host has this id; the folders are made here so that the named volumes belong to it.
RUN useradd --uid 50000 --create-home newswatch \
    && install --directory --owner newswatch /opt/airflow /var/lib/newswatch

ENV AIRFLOW_HOME=/opt/airflow \
    NEWSWATCH_HOME=/var/lib/newswatch \
    PIP_ROOT_USER_ACTION=ignore \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1

WORKDIR /opt/newswatch
COPY requirements/airflow.txt requirements/
RUN pip install --requirement requirements/airflow.txt

# Editable, because config/ and mappings/ are found beside the package.
COPY . .
RUN pip install --no-deps --editable .

USER newswatch
CMD ["newswatch", "doctor"]
