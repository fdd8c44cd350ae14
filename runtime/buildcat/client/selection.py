"""Which jobs a person means: by id, batch, name pattern, or all of their own. Python 3.9, redis-py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from buildcat.client import listing, records
from buildcat.client.connection import Connection
from buildcat.model.errors import NoSuchJobError, UsageError

#: What makes a word a pattern.
_WILDCARDS = frozenset("*?[")


def select(
    connection: Connection, words: Sequence[str], user: str, *, is_mine: bool = False, is_living: bool = False
) -> list[str]:
    """Return the ids of the jobs that are meant, each once.

    A word is what `records.find` takes, the name of a batch, or a pattern of job names such as `shot_*`. `is_mine`
    leaves out those of other users, and without words means all of this one's. `is_living` leaves ended jobs out of
    batches, patterns and all of mine; a job that is named itself is always meant.

    Raises:
        NoSuchJobError: a word means no job, or begins several ids.
        UsageError: there are no words and it is not `is_mine`.
    """
    if not words and not is_mine:
        raise UsageError("Name a job: its id, the beginning of one, a batch, a pattern such as 'shot_*', or last.")
    found: dict[str, None] = {}
    for word in words or ["*"]:
        found.update(dict.fromkeys(_meant(connection, word, user, is_living=is_living)))
    if is_mine:
        mine = set(listing.ids(connection, listing.Choice(user=user)))
        found = {one: None for one in found if one in mine}
        if not found:
            raise NoSuchJobError(f"None of {user}'s jobs is meant. `buildcat jobs --mine` lists them.")
    return list(found)


def _meant(connection: Connection, word: str, user: str, *, is_living: bool) -> Sequence[str]:
    if _WILDCARDS & set(word):
        choice = listing.Choice(name=word, states=listing.ALIVE if is_living else ())
        found = list(listing.ids(connection, choice))
        if not found:
            living = "living " if is_living else ""
            raise NoSuchJobError(f"No {living}job's name fits {word!r}. `buildcat jobs` lists them.")
        return found
    return batch(connection, word, is_living=is_living) or [records.find(connection, word, user)]


def batch(connection: Connection, name: str, *, is_living: bool = False) -> list[str]:
    """Return the ids of the batch's jobs, oldest first; none when there is no such batch.

    Raises:
        NoSuchJobError: it has only ended jobs, and living ones are meant.
    """
    with connection.errors():
        members = cast("set[bytes]", connection.redis.smembers(f"bc:batch:{name}"))
        if not members:
            return []
        pipeline = connection.redis.pipeline(transaction=False)
        ids = sorted(members)
        for one in ids:
            pipeline.zscore("bc:jobs", one)
            pipeline.zscore("bc:ended", one)
        scores = pipeline.execute()
    rows = sorted((created, one) for one, created in zip(ids, scores[::2]) if created is not None)
    ended = {one for one, score in zip(ids, scores[1::2]) if score is not None}
    found = [one.decode() for _, one in rows if not (is_living and one in ended)]
    if not found:
        raise NoSuchJobError(f"All jobs of the batch {name} have ended.")
    return found
