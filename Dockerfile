FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends cron \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY kontum_crawler ./kontum_crawler
RUN pip install --no-cache-dir ".[browse,isal]" && rm -rf /src
ENV KONTUM_ARCHIVE=/archive PYTHONUNBUFFERED=1
VOLUME /archive
WORKDIR /archive
# `kontum schedule` names absolute paths, so cron needs no environment.
CMD ["/bin/sh", "-c", "kontum schedule --cron --at \"${KONTUM_AT:-02:15}\" --archive /archive | crontab - && exec cron -f"]
