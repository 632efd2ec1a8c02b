"""The page of a decision, and its chapters on other pages."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pytest

from qicsim.analysis.quarters import by_gain, in_order
from qicsim.decide.decision import decide
from qicsim.decide.mechanisms import MEANINGS
from qicsim.decide.reading import at_year_end
from qicsim.decide.settings import Settings, StudyPlan, Target
from qicsim.decide.value import large_steps
from qicsim.ground.declare import declared
from qicsim.ground.numbers import percent, signed
from qicsim.inputs.scenario import load_scenario
from qicsim.model.parameters import Parameters
from qicsim.report.decision import enough_words, fits, render_decision, sections
from qicsim.report.decision_answer import answer, sure, where
from qicsim.report.decision_words import UNIT_WORDS, Labels, money
from qicsim.report.language import ENGLISH, khmer, speaking
from qicsim.report.results import Results
from qicsim.runs.assumptions import named, run_assumptions
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.posterior import posterior_draws
from tests.helpers import quick_decide
from tests.worlds import EVERYTHING, SCENARIO, register_text

SOME = Settings(first=2019, target=Target(0.5, 2020), study=StudyPlan(sizes=(5, 20)), ceiling=1.0)
HOSTILE = "<script>alert(1)</script>"
GAINS = "coaches = 6\nreenrol = true\nsessions = 2\nmaintenance = 0.3\n"
"""Levers under which more facilities truly reach 80 points than without: what is bought has a price."""
CODES = {"PBF", "NQEM", "DALY"}
ENGLISH_PARTS = r"<(style|code|svg)\b.*?</\1>|<span[^>]*(lang=\"en\"|class=\"name\")[^>]*>.*?</span>|<dt>.*?</dt>"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("world")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO)
    (place / "coached.toml").write_text(SCENARIO.replace("A small country", HOSTILE) + GAINS)
    return run_ensemble([load_scenario(place / f"{name}.toml") for name in ("small", "coached")], posterior_draws(20))


@pytest.fixture(scope="module")
def decision(runs):
    return decide(runs, "small", SOME)


@pytest.fixture(scope="module")
def page(decision):
    return render_decision(decision, {"command": "qicsim decide", "files": ["frontier.csv"]})


def words_of(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_the_page_has_every_chapter_and_each_figure_a_table(page):
    keys = re.findall(r'<section id="([^"]+)"', page)

    assert keys == ["brief", "decision-value", "decision-sure", "decision-learn", "decision-robust", "decision-target",
                    "decision-budget", "decision-effects", "decision-reproduce"]
    assert page.count("<figure") == 6
    for exhibit in page.split('<div class="exhibit">')[1:]:
        assert "<table" in exhibit


def test_every_drawing_says_what_it_shows(page):
    labels = re.findall(r'<svg class="drawing" role="img" aria-label="([^"]+)"', page)

    assert len(labels) == page.count('class="drawing"') >= 8
    assert all(len(label) > 20 for label in labels)


def test_nothing_that_a_user_wrote_becomes_markup(page):
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_ids_are_there_once(page):
    ids = re.findall(r' id="([^"]+)"', page)

    assert len(ids) == len(set(ids))


def test_notes_say_draws_intervals_and_kind_of_uncertainty(page):
    for note in re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL):
        assert "20 draws" in note or "Means over 20" in note
    assert "not the error of the model" in page


def test_the_answer_names_the_choice_its_price_its_doubt_and_what_would_change_it(decision):
    text = words_of(answer(decision))

    assert text.startswith("No scenario fits the ceiling")
    assert "What is worth buying depends on" in text or "costs no more than any other choice" in text
    assert f"At {money(decision.value.worth)}, the threshold of the last large step" in text
    assert "What would change our mind? " in text
    assert "health centres truly at 80 points or more by the end of 2020" in text


def test_chapters_on_another_page_carry_its_numbers_and_signs(decision):
    made = sections(decision, first=9, keys={"coached": "17"})
    titles = re.findall(r"Figure (\d+)\.", "".join(part for _, _, part in made))

    assert titles == ["9", "10", "11", "12", "13", "14"]
    assert "17. " in made[0][2]
    assert [key for key, _, _ in made] == [key for key, _, _ in sections_of(decision)]


def sections_of(decision):
    return sections(decision)


def test_a_budget_that_nothing_fits_stands_in_words(decision):
    assert fits(decision, Labels(decision)).startswith("No scenario fits the ceiling with a risk of at most 10\u00a0%.")


# ------------------------------------------------------------------------------------------------- choices and payments


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Four scenarios: one with "and" in its name, and one that happens to the country."""
    place = tmp_path_factory.mktemp("many")
    (place / "register.csv").write_text(register_text())
    texts = {"small": SCENARIO, "sessions and visits": SCENARIO + "coaches = 6\n", "shock-flood": SCENARIO,
             "rich": EVERYTHING}
    for name, text in texts.items():
        (place / f"{name}.toml").write_text(text.replace("A small country", f"Title of {name}"))
    return run_ensemble([load_scenario(place / f"{name}.toml") for name in texts], posterior_draws(20))


FREE = replace(SOME, ceiling=None)


def said(decision, language=ENGLISH):
    return html.unescape(words_of(render_decision(decision, {}, language=language)))


def test_the_answer_gives_both_views_of_payments(many):
    counted, without = (quick_decide(many, "small", replace(FREE, payments=how)) for how in ("counted", "left out"))
    texts = [html.unescape(words_of(answer(one))) for one in (counted, without)]

    assert "for society they are transfers" in texts[0] and "Without payments to facilities the choice is: " in texts[0]
    assert "are left out here" in texts[1] and "counted, the choice is: " in texts[1]
    for one, text in zip((counted, without), texts, strict=True):
        for view in one.value.views.values():
            assert all(money(row.icer) in text for row in large_steps(view)[1:])


@pytest.mark.parametrize(("how", "expected"), [
    ({}, "rests on draws of parameters, unit costs and the level of PBF payments. The page of a comparison holds that"),
    ({"level": "as simulated"}, "unit costs; the level of PBF payments is held as simulated. The page of a decision"),
    ({"payments": "left out"}, "rests on draws of parameters and unit costs; payments to facilities are left out.")])
def test_a_page_says_what_its_amounts_are_drawn_over_and_what_is_held(many, how, expected):
    decision = quick_decide(many, "small", replace(FREE, **how))

    assert said(decision).count("What a unit must be worth rests on") == 1
    assert expected in said(decision)


def test_a_worth_without_a_threshold_does_not_claim_one(many):
    one = replace(many, runners={name: many.runners[name] for name in ("small", "shock-flood")},
                  kept={name: many.kept[name] for name in ("small", "shock-flood")})
    alike = quick_decide(one, "small", replace(FREE, events=()))

    assert len(alike.value.steps) == 1
    assert where(alike) == "an amount taken for want of a threshold"
    assert "most favourable case" not in said(alike)


def test_the_best_choice_and_those_that_tie_with_it_are_named(many):
    decision = quick_decide(many, "small", FREE)
    tied = replace(decision.value.here, tied=("small",), best="rich")
    pages = [html.unescape(words_of(sure(replace(decision, value=replace(decision.value, points=(
        decision.value.points[0], here, decision.value.points[2]))), Labels(decision))))
        for here in (tied, replace(tied, tied=()))]

    assert "Title of small and Title of rich are equally good on average" in pages[0]
    assert "Title of rich is the best on average and the best in" in pages[1]
    for page in pages:
        assert f"At {money(decision.value.points[0].worth)}: " in page
        assert f"At {money(decision.value.points[2].worth)}: " in page


def test_the_answer_says_what_a_ceiling_forbids_and_weighs_what_is_left(many):
    free = quick_decide(many, "small", FREE)
    peak = {name: float(np.percentile(usd.max(axis=1), 92.0)) for name, usd in free.budget.spent.items()}
    held = quick_decide(many, "small", replace(FREE, ceiling=0.5 * (peak["small"] + peak["rich"])))
    text = html.unescape(words_of(answer(held)))

    assert text.startswith("The ceiling, with a risk of at most 10\u00a0%, forbids Title of rich (above it in ")
    assert f"Fixed grants of about {money(held.bill.grants)} a year" in text
    assert "Title of rich" not in text[text.index("What is worth buying"):] if "What is worth buying" in text else True
    assert "no choice: above the ceiling" in said(held)
    assert "forbids none" in words_of(answer(quick_decide(many, "small", replace(FREE, ceiling=1e11))))


def test_every_table_of_scenarios_has_them_in_the_same_order(many):
    backwards = replace(many, runners=dict(reversed(many.runners.items())))
    held = decide(in_order(backwards, "small"), "small", FREE)
    page, names, seen = render_decision(held, {}), list(held.names), 0
    assert names == ["small", *by_gain(many, "small", many.runners["small"].years[-1])] != list(backwards.runners)
    for table in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        rows = re.findall(r'<span class="name">([^<]*)</span></th>', table)
        if rows and set(rows) <= set(names):
            seen += 1
            assert rows == [name for name in names if name in rows]

    assert seen >= 8


def test_scenarios_have_the_numbers_of_the_comparison_s_page(three):
    results, held = Results(three.comparison), three.choice.decision

    assert {name: Labels(held).key(name) for name in held.names} == {name: results.key(name) for name in results.names}


def test_the_page_begins_with_the_choice_of_each_view_and_four_tiles(many):
    held = decide(many, "small", FREE)
    page = render_decision(held, {})
    top, rest = re.split("<aside|<details>", page[page.index('<section id="brief"'):], maxsplit=1)
    first = html.unescape(words_of(top))

    chosen = held.value.turned_to
    assert chosen == held.value.steps[-1].name, "as the page of compare says: from that worth on"
    assert first.index("What to choose") < first.index(Labels(held).title(chosen), first.index("What to choose"))
    assert len(re.findall(r"<h3>", top)) == 4
    assert first.count("If PBF's budget is fixed:") == first.count("If PBF may grow:") == 1
    assert f"not the best in {percent(1.0 - held.value.sure_of(chosen))} of draws" in first
    assert signed(held.more_a_year(chosen).mean / 1e6, 1) in first
    assert len(re.findall(r"[A-Za-z]{2,}", first)) < 130
    assert rest.index("The answer in full") < rest.index("<nav")


def test_a_target_that_no_run_meets_gives_way_to_the_nearest_with_its_money(many):
    held = decide(many, "small", replace(FREE, target=Target(1.0, 2020)))
    page = render_decision(held, {})
    name, share = held.aim.nearest
    shares = dict(zip(many.runners, at_year_end(many, "true_80", 2020, held.settings.target.group), strict=True))

    told = html.unescape(words_of(page))
    assert not held.aim.ever and name in held.options.names
    assert (shares[name] >= share / 100.0).mean() >= 0.8
    assert max((shares[other] >= (share + 1.0) / 100.0).mean() for other in held.options.names) < 0.8
    assert f"met in no run, whatever is chosen; the nearest that 8 of 10 runs meet is {share:.0f}\u00a0%" in told
    assert "Chance, true" not in page and "too one-sided" not in page
    met = decide(many, "small", replace(FREE, target=Target(0.01, 2020)))
    assert met.aim.ever and "Chance, true" in render_decision(met, {})


def test_bars_carry_meanings_and_no_names_of_the_code(decision, page):
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    bars = [one for one in drawings if "Value of knowing perfectly" in one]

    assert len(bars) == 2
    for bar in bars:
        lines = html.unescape("|".join(re.findall(r">([^<>]+)<", bar)))
        meanings = [*MEANINGS.values(), *(leaf.declaration.meaning for leaf in declared(Parameters).values())]
        for meaning in meanings:  # whose lines may end in a word that is a name too, such as "start"
            lines = re.sub(re.escape(meaning).replace("\\ ", "[ |]+"), "", lines)
        names = {*decision.learning.groups.names, *decision.learning.alone.names}
        assert names & {line.strip() for line in lines.split("|")} == set()


def test_each_line_of_a_row_s_name_ends_at_the_axes_in_both_languages(decision):
    for language in (ENGLISH, khmer()):
        page = render_decision(decision, {}, language=language)
        bars = next(one for one in re.findall(r"<svg.*?</svg>", page, re.DOTALL) if "decision-information-alone" in one)

        assert len(re.findall('text-anchor: ?end|text-anchor="end"', bars)) >= 12


def test_money_on_the_page_has_three_digits_that_count(page):
    shown = re.sub(r"<svg.*?</svg>", "", page[page.index("<main"):], flags=re.DOTALL)
    amounts = re.findall(r"US\$\s([\d,.]+)(?=\smillion|[\s<;:)])", html.unescape(re.sub(r"<[^>]*>", " ", shown)))

    assert len(amounts) > 30
    for amount in amounts:
        plain = amount.rstrip(".,").replace(",", "")
        digits = plain.replace(".", "").lstrip("0")
        assert len(digits if "." in plain else digits.rstrip("0")) <= 3, amount


def test_grants_and_the_level_of_payments_stand_on_the_page(decision, page):
    text = html.unescape(words_of(page))

    assert text.count(f"about {money(decision.bill.grants)} a year and the same in every scenario") == 2
    assert "How much facilities are paid is uncertain" in text
    assert "Payment to a health centre" in text and "500 to 3,000" in text


def test_what_is_good_enough_names_what_binds(many):
    never = quick_decide(many, "small", replace(FREE, target=Target(1.0, 2020)))
    text = enough_words(never, Labels(never))

    assert text.startswith("Nothing is good enough: in no draw does any scenario meet all thresholds.")
    assert "What binds is that the target of 100 % by 2020 is met" in text


def test_one_scenario_and_few_draws_still_make_a_page(runs):
    alone = replace(runs, runners={"small": runs.runners["small"]}, kept={"small": runs.kept["small"]})
    page = render_decision(decide(alone, "small", SOME), {"command": "x"})

    assert "so there is nothing to choose" in page
    assert "Budget impact" not in page
    assert "Extra effect" in page


def test_one_draw_shows_no_interval(runs):
    single = run_ensemble([runner.scenario for runner in runs.runners.values()], posterior_draws(1))
    text = words_of(answer(decide(single, "small", SOME)))

    assert "This is a single draw" in text
    assert "of draws:" not in text


def test_every_outcome_has_a_unit_in_words():
    from qicsim.decide.effects import OUTCOMES

    assert set(UNIT_WORDS) == {outcome.name for outcome in OUTCOMES}


def test_the_page_in_khmer_has_no_english_but_names_codes_and_sources(decision):
    page = render_decision(decision, {"command": "qicsim decide"}, language=khmer())
    shown = re.sub(ENGLISH_PARTS, " ", page[page.index("<body"):], flags=re.DOTALL)
    left = set(re.findall(r"[A-Za-z]{3,}", html.unescape(words_of(shown))))
    names = " ".join((*decision.titles.values(), *decision.learning.groups.names,
                      *decision.learning.alone.names, decision.settings.currency.source, *posterior_draws(1).unused,
                      *(khmer().translated(one.source)[0] for one in decision.bill.unit_costs)))

    assert left - set(re.findall(r"[A-Za-z]{3,}", names)) - CODES == set()
    assert "ចាប់ពី" in page and 'lang="km"' in page


def test_chapters_say_the_same_numbers_in_both_languages(decision):
    pages = [render_decision(decision, {}, language=language) for language in (ENGLISH, khmer())]
    shown = [re.sub(r"<svg.*?</svg>", "", page[page.index("<main"):], flags=re.DOTALL) for page in pages]
    numbers = [sorted(re.findall(r"\d[\d,.]*\b", html.unescape(re.sub(r"<[^>]*>", " ", text)))) for text in shown]

    assert len(numbers[0]) > 200
    assert numbers[0] == numbers[1]


# -------------------------------------------------------------------------------------------------------- assumptions


@pytest.fixture(scope="module")
def tried(runs):
    scenarios = [runner.scenario for runner in runs.runners.values()]
    others = run_assumptions([named("breadth-none"), named("W")], scenarios, runs.draws)
    return quick_decide(runs, "small", SOME, others=others)


def test_the_choice_stands_by_assumption_with_the_price_at_which_it_turns(tried):
    said = words_of(html.unescape(render_decision(tried, {})))

    assert "Under other assumptions" in said
    for key in ("breadth-none", "W"):
        assert named(key).title in said
    *_, last = tried.by_point
    if tried.by_point[1:]:
        assert money(last.icer) in said
    assert "Mean regret under other assumptions" in said


def test_without_assumptions_there_is_no_chapter_of_them(page):
    assert "decision-assumed" not in page


def test_the_chapter_is_whole_in_khmer(tried):
    part = next(markup for key, _, markup in _khmer_sections(tried) if key == "decision-assumed")
    left = re.sub(r"<[^>]*>", " ", re.sub(ENGLISH_PARTS, " ", str(part), flags=re.DOTALL))

    assert khmer().translated("The choice under other assumptions")[0] in left
    assert not re.search(r"[a-z]{4,}", left.replace("alert", "").replace("script", ""))


def _khmer_sections(decision):
    with speaking(khmer()):
        return sections(decision)
