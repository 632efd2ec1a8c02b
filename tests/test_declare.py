"""Declarations: records from rows, from overrides, from the unit cube; tables."""

from typing import Annotated, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qicsim.ground.declare import (
    Beta,
    Column,
    Gamma,
    HalfNormal,
    Lever,
    LogNormal,
    Normal,
    Parameter,
    Spike,
    Uniform,
    build,
    declared,
    default_row,
    from_cube,
    from_row,
    parameter_sets,
    table,
)
from qicsim.model.parameters import Parameters
from qicsim.report.describe import prior_in_words
from tests.helpers import PROPERTY, assert_mean

COUNT = len(declared(Parameters))


class Inner(NamedTuple):
    """Two numbers."""

    slope: Annotated[float, Parameter("slope", "1", 0.0, 1.0, Uniform(0.0, 1.0), "assumption", "A")] = 0.25
    level: Annotated[float, Parameter("level", "1", -2.0, 2.0, Normal(0.0, 1.0), "assumption", "A")] = 1.0


class Outer(NamedTuple):
    """A group between two numbers of its own."""

    first: Annotated[float, Parameter("first", "1", 0.0, 9.0, HalfNormal(2.0), "assumption", "A")] = 1.0
    inner: Inner = Inner()
    last: Annotated[float, Parameter("last", "1", 0.1, 9.0, LogNormal(1.0, 0.5), "assumption", "A")] = 1.5


class Row(NamedTuple):
    """Columns of every kind."""

    share: Annotated[float, Column("a share", "share", 0, 1)]
    count: Annotated[int, Column("a count", kind="whole")]
    word: Annotated[int, Column("two words", shape=(2,), kind="word")]
    cell: Annotated[float, Column("one for each area", shape=("areas",))]


def test_leaves_are_named_by_their_dotted_path_in_order():
    assert list(declared(Outer)) == ["first", "inner.slope", "inner.level", "last"]
    assert default_row(Outer).tolist() == [1.0, 0.25, 1.0, 1.5]


def test_a_record_is_built_from_defaults_and_overrides():
    built = build(Outer, {"inner.level": -1})

    assert built == Outer(1.0, Inner(0.25, -1.0), 1.5)
    assert isinstance(built.inner.level, float)
    assert build(Parameters).pdsa.k_item == 0.14


def test_an_unknown_path_is_refused():
    with pytest.raises(KeyError, match="inner.slop"):
        build(Outer, {"inner.slop": 0.3})


@given(row=arrays(float, COUNT, elements=st.floats(-1e6, 1e6)))
@PROPERTY
def test_a_row_becomes_a_record_and_a_parameter_set_without_a_change(row):
    record = from_row(Parameters, row)
    compiled_set = parameter_sets(Parameters, row[np.newaxis])[0]

    assert [value for group in record for value in group] == row.tolist()
    assert [value for group in compiled_set.tolist() for value in group] == row.tolist()
    assert compiled_set.pdsa.k_item == record.pdsa.k_item


def test_the_middle_of_the_cube_is_the_median_and_its_corners_are_the_bounds():
    corner, middle, other = from_cube(Outer, np.array([[0.0] * 4, [0.5] * 4, [1.0] * 4]))

    assert corner == pytest.approx([0.0, 0.0, -2.0, 0.1])
    assert middle[1:3] == pytest.approx([0.5, 0.0])
    assert other == pytest.approx([9.0, 1.0, 2.0, 9.0])


def test_a_point_of_the_cube_gives_the_same_draw_alone_or_among_others():
    cube = np.random.default_rng(4).uniform(size=(5, COUNT))

    assert np.array_equal(from_cube(Parameters, cube)[3:4], from_cube(Parameters, cube[3:4]))


@pytest.mark.parametrize(("prior", "mean"), [(Normal(3.0, 2.0), 3.0), (HalfNormal(2.0), 2.0 * np.sqrt(2.0 / np.pi)),
                                             (LogNormal(2.0, 0.5), 2.0 * np.exp(0.125)), (Beta(2.0, 6.0), 0.25),
                                             (Gamma(4.0, 8.0), 4.0), (Uniform(1.0, 4.0), 2.5)])
def test_priors_have_the_mean_that_their_parameters_say(prior, mean):
    assert_mean(prior.ppf(np.random.default_rng(5).uniform(size=20_000)), mean)


def test_a_spike_holds_its_mass_at_zero_whatever_reads_it():
    effect = Parameter("effect", "1", 0.0, 3.0, Spike(0.3, Beta(1.5, 8.0)), "assumption", "A")
    u = (np.arange(1000) + 0.5) / 1000
    drawn = effect.quantile(u)

    assert (drawn == 0.0).sum() == 300
    np.testing.assert_allclose(drawn[300:], Beta(1.5, 8.0).ppf((u[300:] - 0.3) / 0.7), rtol=1e-12)
    np.testing.assert_allclose(effect.below(drawn[300:]), u[300:], rtol=1e-9)
    assert set(effect.below(drawn[:300])) == {0.15}
    assert (np.diff(drawn) >= 0).all()
    assert prior_in_words(effect) == "Spike(weight 0.3, rest Beta(a 1.5, b 8)) within 0-3"


def test_a_table_has_a_column_for_each_declaration_and_cells_of_named_sizes():
    rows = table(Row, 3, areas=4)
    rows[1].cell[2] = 0.5
    rows[2].count = 7

    assert rows["cell"].shape == (3, 4) and rows["cell"][1, 2] == 0.5
    assert rows["count"].tolist() == [0, 0, 7]
    assert (rows["share"].dtype, rows["count"].dtype, rows["word"].dtype) == (np.float64, np.int64, np.uint64)


@pytest.mark.parametrize(("lever", "words"), [
    (Lever("size", "ratio", 0, 10), "0 to 10 ratio"),
    (Lever("delay", "months", 1, 12, whole=True), "whole numbers 1 to 12 months"),
    (Lever("on", "0 or 1", whole=True), "0 or 1"),
    (Lever("order", "choice", choices=("plan", "rule")), "plan, rule"),
])
def test_a_lever_says_what_it_allows(lever, words):
    assert lever.allowed == words
