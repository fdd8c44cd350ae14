"""Answers what a panel asks of the farm. Python 3.9, redis-py.

A request names what is to be done (`do`), the server's address and the user; the rest are the arguments of that.
The answer has its `id`, and either `reply` or `error`, a sentence for the artist.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from buildcat.client import config, control, listing, panel_jobs, progress, records, video, waiting
from buildcat.client.connection import Connection, open_client
from buildcat.client.fitness import obstacle
from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model import frames, paths, patterns
from buildcat.model.dcc import version_text
from buildcat.model.errors import BuildcatError, PathError, RefusedError, ServerError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState, UnitState

log = logging.getLogger(__name__)

#: An artist who looks for older jobs than these asks the command line.
_MOST_JOBS = 20
#: What asks next waits behind a server that is deaf.
_ANSWER_S = 4
_FINISHED = (UnitState.DONE.value, UnitState.SKIPPED.value)
Fields = dict[str, Any]


class Service:
    """One per process. Connections are kept, so that only the first request of a server pays for one."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        #: Copies of scenes that were saved to be submitted, and were not yet.
        self._snapshots: set[str] = set()
        self._verbs: Mapping[str, Callable[[Connection, Fields], Fields]] = {
            "test": _test,
            "look": _look,
            "submit": _submit,
            "control": _control,
            "outputs": _outputs,
        }

    def answer(self, request: Fields) -> Fields:
        """Return the answer to a request. Never raises: whatever goes wrong is told to the panel."""
        try:
            request = _filled(request)
            # Who asks is written into the job's events, by functions that know the environment only.
            os.environ["BUILDCAT_USER"] = request["user"]
            self._note_snapshot(request)
            reply = _files(request) if request["do"] == "files" else self._ask_farm(request)
            return {"id": request["id"], "reply": reply}
        except BuildcatError as exc:
            words = str(exc)
            if isinstance(exc, ServerError):
                self._connections.pop(request["server"], None)
                words = words.replace("name another with --server", "name another in Buildcat's preferences")
            return {"id": request["id"], "error": words, "kind": type(exc).__name__, "exit_code": exc.exit_code}
        except Exception as exc:  # the outermost loop of the process: the panel must hear of it
            log.exception("Request %s failed", request.get("do"))
            return {"id": request.get("id"), "error": f"Buildcat itself failed: {exc!r}.", "kind": "", "exit_code": 1}

    def close(self) -> None:
        """Remove the copies whose job the panel doesn't submit any more: its DCC is gone."""
        for one in self._snapshots:
            with contextlib.suppress(OSError):  # gone already, or it can't be helped
                os.unlink(one)  # noqa: PTH108  # text, as it came

    def _note_snapshot(self, request: Fields) -> None:
        if request.get("snapshot"):
            self._snapshots.add(request["snapshot"])
        if request["do"] == "submit":  # which removes it if there is no job
            self._snapshots.discard(request["scene"])

    def _ask_farm(self, request: Fields) -> Fields:
        url = request["server"]
        if url not in self._connections:
            # Without retries: the panel asks again by itself, and the artist waits for this answer.
            self._connections[url] = open_client(url, retries=0, answer_s=_ANSWER_S)
        return self._verbs[request["do"]](self._connections[url], request)


def _filled(request: Fields) -> Fields:
    """Return the request with the server and user that a panel leaves to environment and configuration file."""
    user = request.get("user") or config.current_user()
    is_complete = request["do"] == "files" or request.get("server")
    return {**request, "user": user} if is_complete else {**request, "user": user, "server": config.load().server.value}


def _test(connection: Connection, request: Fields) -> Fields:
    """Say what is found at the server, and which of `roots` are not marked as roots."""
    began = time.monotonic()
    workers = records.workers(connection)
    seconds = time.monotonic() - began
    versions = sorted({version_text(one) for each in workers for one in each.dccs.get(request["dcc"], ())})
    return {
        "milliseconds": round(seconds * 1000, 1),
        "workers": len(workers),
        "versions": versions,
        "not_roots": [one for one in request.get("roots", ()) if paths.find_root(Path(one)) != Path(one)],
    }


def _look(connection: Connection, request: Fields) -> Fields:
    """Return the user's newest jobs, how many workers there are, and how many could render jobs like `specs`."""
    found = listing.jobs(connection, listing.Choice(user=request["user"]), most=_MOST_JOBS)
    moment = progress.look(connection)
    outlooks = progress.outlooks(connection, found, moment)
    etas = {job_id: asdict(one.eta) for job_id, one in outlooks.items() if one.eta}
    root = _find_root(request)
    return {
        "jobs": [{**_row(connection, one), "eta": etas.get(one.id), "thumb": _thumb(root, one)} for one in found],
        "root": str(root or ""),
        "workers": len(moment.workers),
        "fits": [_fit(moment.workers, one) for one in request.get("specs", ())],
    }


def _row(connection: Connection, job: JobRecord) -> Fields:
    failed = records.failures(connection, job.id)[:1] if job.counts.failed or job.state is JobState.FAILED else []
    return {
        **listing.answer(job),
        "why": waiting.why(connection, job),
        "stopped_why": job.stopped_why,
        "failure": failed[0].message if failed else "",
    }


def _thumb(root: Path | None, job: JobRecord) -> list[object]:
    """Return path and time of the job's small picture; nothing where there is none."""
    path = paths.job_folder(root, job.id) / paths.THUMBNAIL if root else None
    return [str(path), path.stat().st_mtime] if path and path.is_file() else []


def _fit(workers: Sequence[WorkerRecord], spec: Fields) -> Fields:
    """Return how many of the workers could render such a job, and what keeps the first of the others from it."""
    job = _imagined(JobSpec(**{**spec, "requires": tuple(spec.get("requires", ()))}))
    obstacles = [f"{one.label} {why}" for one in workers if (why := obstacle(job, one))]
    return {"able": len(workers) - len(obstacles), "obstacle": obstacles[0] if obstacles else ""}


def _imagined(spec: JobSpec) -> JobRecord:
    return replace(JobRecord.from_hash("", {b"spec": spec.to_json().encode()}), pool=spec.pool)


def _submit(connection: Connection, request: Fields) -> Fields:
    """Submit a scene of this machine, as one job or several, and its video; a snapshot goes if there is no job then."""
    scene = Path(request["scene"])
    jobs = request.get("jobs") or [request]
    film = video.Video(**request["video"]) if request.get("video") else None
    try:
        root = _root(request)
        made = panel_jobs.submit(connection, scene, root, jobs, has_film=film is not None)
    except (BuildcatError, OSError) as exc:
        if any(one["spec"].get("snapshot") for one in jobs):
            scene.unlink(missing_ok=True)
        if isinstance(exc, OSError):
            raise PathError(f"{scene} can't be read: {exc.strerror}. Check the path.") from exc
        raise
    if film:
        panel_jobs.submit_film(connection, film, root, *list(made.items())[-1])
    units = sum(len(frames.units(spec)) for spec in made.values())
    return {"job": list(made)[-1], "jobs": list(made), "units": units}


def _find_root(request: Fields) -> Path | None:
    if request.get("root"):
        return Path(request["root"])
    return paths.find_root(Path(request["scene"]).parent) if request.get("scene") else None


def _root(request: Fields) -> Path:
    """Return the root that the panel names, else the one above the scene."""
    root = _find_root(request)
    if root is None:
        raise PathError(
            f"{request['scene']} is not in the farm's shared storage: no folder above it is marked as a root. "
            "Save it there; or name the storage in the preferences of Buildcat."
        )
    return root


def _control(connection: Connection, request: Fields) -> Fields:
    """Pause, resume, cancel or retry a job."""
    job_id, verb = request["job"], request["verb"]
    verbs: Mapping[str, Callable[[], bool]] = {
        "pause": lambda: control.pause(connection, job_id, why=f"paused by {config.current_user()}"),
        "resume": lambda: control.resume(connection, job_id),
        "cancel": lambda: control.cancel(connection, job_id),
        "retry": lambda: control.retry(connection, job_id),
    }
    if verb not in verbs:
        raise RefusedError(f"A panel can't {verb} a job.")
    return {"has_changed": verbs[verb]()}


def _outputs(connection: Connection, request: Fields) -> Fields:
    """Return the files of a job's first output that are there, in the order of their frames, absolute."""
    job = records.job(connection, request["job"])
    root = _root(request)
    found = records.outputs(connection, job.id)
    states = records.unit_bytes(connection, job.id)
    done = [one for one in frames.units(job.spec) if states[one.index] in _FINISHED]
    first = next(iter(found), "")
    # A frame's tiles have one file.
    files = {paths.resolve(root, patterns.fill(first, one), "output"): one.frame or 0 for one in done} if first else {}
    ordered = sorted(files.items(), key=lambda one: one[1])
    return {"files": [{"frame": frame, "path": str(path)} for path, frame in ordered if path.is_file()]}


def _files(request: Fields) -> Fields:
    """Say of each of the files whether it is missing, or outside the root; and where the root is."""
    root = _find_root(request)
    return {"root": str(root or ""), "files": {one: _trouble(Path(one), root) for one in request["files"]}}


def _trouble(path: Path, root: Path | None) -> str:
    name = path.name
    is_tiled = "<UDIM>" in name
    is_there = any(path.parent.glob(name.replace("<UDIM>", "*"))) if is_tiled else path.exists()
    if not is_there:
        return "missing"
    return "" if root is None or paths.is_inside(root, path) else "outside"
