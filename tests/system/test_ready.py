# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedures that are ready to use, each at its simulated bench, to the sealed archive; the errors they find beside those
that the simulated item really has.  The steps are those of the file; its waiting is cut short, and of its points the first and the last are taken."""
import re
import subprocess

import h5py
import pytest
import yaml

from etalond import BUILD, ROOT

# The errors that the model file gives the simulated item, in the unit of the result; a reading is x (1 + gain) + offset.
READY = {
    "humidity-transmitter": ("humidity", {"humidity-error": 0.4, "temperature-error": 0.05}),
}
# The simulated standards and chambers err by far less than is stated of them: within the whole U an error whose
# correction was left out, or has the wrong sign, could pass.
CLOSE = 0.25
HURRY = {"window": "300 ms", "interval": "200 ms", "count": 4}


def hurried(step):
    (kind, keys), = step.items()
    return {kind: {**keys, **{k: v for k, v in HURRY.items() if k in keys}}}


def short_procedure(name, folder):
    text = yaml.safe_load((ROOT / f"config/procedures/{name}.yaml").read_text())
    text["points"] = text["points"][:1] + text["points"][-1:]
    text["steps"] = [hurried(s) for s in text["steps"]]
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False, allow_unicode=True))
    return path


def quick_bench(name, folder):
    """The bench with models that neither pause between commands nor take their time to settle."""
    models = folder / "instruments"
    models.mkdir()
    for file in (ROOT / "config/instruments").glob("*.yaml"):
        text = re.sub(r"\b(pause|settling): \d+ m?s\b", r"\1: 50 ms", file.read_text())
        (models / file.name).write_text(re.sub(r"\blatency: \d+ s\b", "latency: 400 ms", text))
    (folder / "standards").symlink_to(ROOT / "config/standards")
    path = folder / f"{name}.yaml"
    path.write_text((ROOT / f"config/benches/{name}.yaml").read_text().replace("../instruments", str(models)))
    return path


@pytest.mark.parametrize("name", READY)
def test_the_error_found_is_that_of_the_item(sim, daemon, tmp_path, name):
    bench, errors = READY[name]
    procedure = short_procedure(name, tmp_path)
    (tmp_path / "bench").mkdir()
    run = daemon.run(sim(quick_bench(bench, tmp_path / "bench")).bench, procedure)
    assert daemon.wait(run)["status"] == "complete"
    points = len(yaml.safe_load(procedure.read_text())["points"])
    results = daemon.headers(run, "result", result="measurement")
    assert {(h["name"], h["point"]) for h in results} == {(e, p) for e in errors for p in range(points)}
    for h in results:
        assert h["value"] is not None, h.get("reason")
        assert abs(h["value"] - errors[h["name"]]) <= h["expanded_uncertainty"] * CLOSE, h
    archive = daemon.sealed(run)
    with h5py.File(archive) as f:
        for error in errors:
            assert list(f[f"entry/results/{error}/value"]) == [h["value"] for h in results if h["name"] == error]
    subprocess.run([BUILD / "etalon", "verify", archive], check=True)


@pytest.mark.parametrize("name", READY)
def test_the_files_as_they_are_have_no_fault(name):
    files = [ROOT / f"config/benches/{READY[name][0]}.yaml", ROOT / f"config/procedures/{name}.yaml"]
    done = subprocess.run([BUILD / "etalon", "check", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
