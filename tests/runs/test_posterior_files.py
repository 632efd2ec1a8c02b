"""Posterior files: damaged ones end in words, and a data folder's own is taken by itself while it fits the data."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest

from qicsim.ground.errors import DataError
from qicsim.inputs.exchange.folder import folder_digest
from qicsim.runs.draws import names
from qicsim.runs.posterior import FITTED, OUTDATED, draws_from, draws_said, read_posterior
from tests.worlds import data_folder

NAMES = ("pdsa.k_item", "team.h_drop")


def archive(**changed) -> bytes:
    """A posterior file of two parameters with other arrays in place of some."""
    held = {"parameters": np.array(NAMES), "values": np.array([[0.1, 0.02], [0.2, 0.03]]), "provenance": np.array("{}")}
    file = io.BytesIO()
    np.savez_compressed(file, **(held | changed))
    return file.getvalue()


def damaged_stream() -> bytes:
    """A file whose compressed values are no stream that can be unpacked."""
    content = bytearray(archive(values=np.random.default_rng(1).random((200, 2)) / 10))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        begin = book.getinfo("values.npy").header_offset
    content[begin + 60:begin + 200] = b"\xff" * 140
    return bytes(content)


def header(shape: str) -> bytes:
    """A file whose values claim another shape than they have."""
    file = io.BytesIO(archive())
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["values.npy"] = parts["values.npy"].replace(b"(2, 2), }".ljust(len(shape)), shape.encode(), 1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return file.getvalue()


BROKEN = {
    "empty": (b"", "is damaged"), "cut": (archive()[:200], "is damaged"), "stream": (damaged_stream(), "is damaged"),
    "rows": (header("(9999999999999, 2), }"), "is damaged"),
    "nested": (archive(provenance=np.array("[" * 100_000)), "is damaged"),
    "list": (archive(provenance=np.array("[1]")), "no table"),
    "text": (archive(values=np.array([["0.1", "0.02"], ["0.2", "0.03"]])), "are no real numbers"),
    "complex": (archive(values=np.array([[0.1 + 1j, 0.02]])), "are no real numbers"),
    "objects": (archive(values=np.array([[None, 1]], dtype=object)), "is damaged"),
    "flat": (archive(values=np.array([0.1, 0.02])), "draws by parameters"),
    "twice": (archive(parameters=np.array([NAMES[0]] * 2)), "stands there twice"),
    "codes": (archive(parameters=np.array(["\x1b[31m\u202ekey", NAMES[1]])), "is not a parameter")}


@pytest.mark.parametrize("name", BROKEN)
def test_a_damaged_posterior_is_an_error_that_names_the_file_and_the_way_out(tmp_path, name, recwarn):
    content, told = BROKEN[name]
    (tmp_path / "p.npz").write_bytes(content)

    if name == "codes":  # a parameter of another model is no fault by itself, and is told without its codes
        assert "\x1b" not in "".join(map(str, draws_said(draws_from(tmp_path / "p.npz", 2))))
        return
    with pytest.raises(DataError) as refused:
        read_posterior(tmp_path / "p.npz")
    assert "p.npz" in str(refused.value) and told in str(refused.value)
    assert name == "flat" or "qicsim calibrate" in str(refused.value)
    assert not recwarn


def test_the_posterior_of_a_data_folder_is_taken_by_itself_and_told(tmp_path):
    data_folder(tmp_path)
    facts = json.dumps({"data_digest": folder_digest(tmp_path)})
    (tmp_path / "posterior.npz").write_bytes(archive(provenance=np.array(facts)))

    own, named = draws_from(None, 3, data=tmp_path), draws_from("posterior", 3, data=tmp_path)

    place = names().index(NAMES[0])
    assert set(own.values[:, place]) == {0.1, 0.2} and set(named.values[:, place]).isdisjoint({0.1, 0.2})
    assert [one.template for one in draws_said(own)][:1] == [FITTED] and str(tmp_path) in own.source
    assert not named.notes


def test_a_posterior_of_other_data_is_not_taken_and_that_is_told(tmp_path):
    data_folder(tmp_path)
    facts = json.dumps({"data_digest": folder_digest(tmp_path)})
    (tmp_path / "posterior.npz").write_bytes(archive(provenance=np.array(facts)))
    with (tmp_path / "register.csv").open("a") as register:
        register.write("\n")

    found = draws_from(None, 3, data=tmp_path)

    assert found.source == "posterior" and [one.template for one in found.notes] == [OUTDATED]
    np.testing.assert_array_equal(found.values, draws_from(None, 3).values)


def test_mutated_posterior_files_are_read_or_refused(tmp_path):
    luck, whole = np.random.default_rng(5), np.frombuffer(archive(), dtype=np.uint8)
    refused = 0
    for _ in range(400):
        content = whole.copy()
        content[luck.integers(0, len(content), luck.integers(1, 6))] = luck.integers(0, 256)
        (tmp_path / "p.npz").write_bytes(content[:luck.integers(1, len(content))] if luck.random() < 0.2
                                         else content.tobytes())
        try:
            read_posterior(tmp_path / "p.npz")
        except DataError:
            refused += 1

    assert refused > 100
