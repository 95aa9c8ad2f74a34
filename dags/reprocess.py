"""Articles of the past, read or indexed again on request. Wiring only; docs/airflow.md explains it."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, chain

from pipeline.steps import tasks
from wiring import ANYWAY, BY_HAND, MODELS, STEP, newswatch, verdict

NAME = ["null", "string"]
FORM = {
    "from": Param(type="string", format="date", title="From", description="the first day on which articles came in, UTC"),
    "to": Param(type="string", format="date", title="To", description="the last day"),
    "what": Param(
        "enrich",
        enum=["enrich", "index"],
        values_display={"enrich": "annotate them anew, then index", "index": "only write them to the index anew"},
        title="What",
    ),
    "topic": Param(None, type=NAME, title="Topic", description="only articles about it, as named in topics.yml"),
    "source": Param(None, type=NAME, title="Source", description="only articles of it, by its id in feeds.yml"),
}


@newswatch(schedule=None, params=FORM, dagrun_timeout=timedelta(hours=6), allowed_run_types=[BY_HAND])
def reprocess() -> None:
    """### The past, once more

    Annotates the articles of a range of days anew - after a change of topics, watch-list or models -, or only writes them
    to the search index anew. Nobody is mailed for it: what matches now and did not before goes to the backlog.

    Takes its turn batch by batch beside `ingest`. May be run again, and killed, at any time.
    """
    params = {name: f"{{{{ params['{name}'] or '' }}}}" for name in FORM}
    chosen = STEP(tasks.choose)(params["from"], params["to"], topic=params["topic"], source=params["source"])
    again = STEP(tasks.again, pool=MODELS).partial(what=params["what"]).expand(ids=chosen)
    chain(*(way := [chosen, again, ANYWAY(tasks.index)(), ANYWAY(tasks.facts)()]))
    way >> verdict()


reprocess()
