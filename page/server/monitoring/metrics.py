"""/metrics, for Prometheus: how many visitors and runs there are, how long runs take, what is
refused. Of a visitor, nothing but that there is one.

Memory, processor time and open files of the page's process are the client library's own.
"""

import logging
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from page.server import event_log, work
from page.server.limits import LIMITS
from page.server.monitoring import health
from page.server.refusal import Refused
from page.server.visitors.client_address import THIS_MACHINE, Networks
from page.server.visitors.visitors import VISITORS

PICTURES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
READERS = Networks(LIMITS.metrics_for or THIS_MACHINE, "DDPM_METRICS_FOR")

ANSWERS = Counter("ddpm_answers", "Answers sent; those with status 429 refuse politely", ["status"])
EVENTS = Counter("ddpm_events", "Lines of the log other than runs", ["event"])
WORKED = Histogram("ddpm_run_seconds", "A run's work", ["run", "ended"], buckets=SECONDS)
WAITED = Histogram("ddpm_run_waited_seconds", "A run's wait in line", ["run"], buckets=SECONDS)
BATCHES = Histogram(
    "ddpm_run_batch_pictures",
    "What the network sees in one call, of a run and of those that are done as one with it",
    ["run"],
    buckets=PICTURES,
)


async def answer(request: Request) -> Response:
    """404 as for any unknown path, for whom it is not."""
    if request.client is None or request.client.host not in READERS:
        raise Refused(404, "Not Found")
    return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})


class _Now(Collector):
    """What is counted when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        about = "Sessions remembered, their addresses, open pages"
        visitors = GaugeMetricFamily("ddpm_visitors", about, labels=["what"])
        for what, count in VISITORS.counts().items():
            visitors.add_metric([what], count)
        yield visitors
        runs = GaugeMetricFamily("ddpm_runs", "Runs at work and in line", labels=["pool", "state"])
        for name, counts in work.counts().items():
            for state, count in counts.items():
                runs.add_metric([name, state], count)
        yield runs
        for what, value in health.PROCESSES.items():
            name, about = f"ddpm_processes_{what}", "Processes besides the page's: see /health"
            yield GaugeMetricFamily(name, about, value)
        closing = float(work.closing.is_set())
        yield GaugeMetricFamily("ddpm_ending", "1 once the server is shutting down", closing)


class _Counted(logging.Handler):
    """Counts each line of the log as it is written: a run has one when it ends."""

    def emit(self, record: logging.LogRecord) -> None:
        fields, event = getattr(record, "fields", {}), record.getMessage()
        if "ended" not in fields:
            EVENTS.labels(event).inc()
            return
        worked = fields.get("at_work_s", fields["seconds"])  # some wait for nothing
        WORKED.labels(event, fields["ended"]).observe(worked)
        WAITED.labels(event).observe(fields["seconds"] - worked)
        if "batch" in fields:
            BATCHES.labels(event).observe(fields["batch"])


REGISTRY.register(_Now())
event_log.LOG.addHandler(_Counted())
