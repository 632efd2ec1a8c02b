"""Every option of every command, declared once: its names, what it means, how it is read, what it is by default.

A command lists the options that it takes: `take(command, "scenarios", "reference", "out", out="qicsim-results")`, with
defaults of its own where it has some. What a text means is read after all words are known (`qicsim.cli.parsing`), so
that the faults of all options are told together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qicsim.cli import values
from qicsim.inputs.country import home

LANGUAGES = ("en", "km", "both")  # those of qicsim.report.language, without loading it for --help
PAYERS = ("all", "government", "donor")  # those of qicsim.decide.settings
FORMATS, LEVELS, EVERY, IDENTIFIERS = (("csv", "xlsx", "dhis2"), ("facility", "district", "province", "nation"),
                                       ("quarter", "year"), ("uid", "code"))  # those of qicsim.report.projection_files
METHODS = ("screening", "sobol", "shapley-effects", "pawn", "emulator")  # those of qicsim.analysis.quick
CHECKLISTS = ("odd", "cheers", "stress")  # those of qicsim.report.checklists
RULES = ("G", "R1", "R10", "W", "best", "charts", "G-core", "R3", "R1-seen", "R1-broad",
         "G-wider", "charts-abroad")  # those of qicsim.estimate.evidence.rules
ASSUMPTIONS = ("R10", "W", "charts", "breadth-none", "breadth-0.1", "growth-continues", "growth-plateau", "habit-never",
               "habit-as-before", "nqem-structural", "lapsed_return-joining", "contagion-threshold",
               "efficacy-national")  # those of qicsim.runs.assumptions
AMOUNTS, MONEY = (1e3, 1e9), ("programme", "added", "all")  # those of qicsim.decide.search.question, as the next ones
GOALS = ("true", "true_80", "people_true_80", "recorded", "recorded_80", "people_recorded_80", "unscored",
         "satisfaction", "trust")
TOPICS = ("parameters", "priors", "levers", "areas", "schedule", "indicators", "scenarios", "mechanisms", "columns",
          "costs", "purposes")  # those of qicsim.report.describe
LUCKS, SAMPLES = ("shared", "own"), ("sequence", "latin-hypercube")  # those of qicsim.analysis.study_kinds.sensitivity
MOST_REPLICATES, LARGEST_SEED = 4096, 2**32 - 1  # those of qicsim.model.simulate and qicsim.runs.draws
MOST_WORKERS, MOST_RATE, MOST_USD = 1024, 0.25, 1e12  # those of qicsim.runs.ensemble and qicsim.decide
FEWEST_RUNS, MOST_RUNS = 200, 2**20  # those of qicsim.estimate.calibrate.study
MOST_DISCREPANCY = 100.0


@dataclass(frozen=True)
class Option:
    """An option, or a positional argument where `name` has no dashes.

    name      what is typed
    help      what it means; {default} stands for the default
    metavar   stands for the value in the help
    read      gives what a text means, or raises `values.Unusable`; None for a flag
    default   the value when nothing is typed
    number    how many values: "" one, "?" at most one, "*" any, "+" one or more, "append" one each time
    choices   all that may be typed
    target    attribute of the result, where it is not the name
    former    spellings of the version before; "--old=value" is a flag that stands for a value
    scenario  whether it names scenarios, which are looked up before anything is prepared
    shapes    whether it shapes results: then it is part of the request that a folder's record holds
    called    what functions of Python call it, where that is not its attribute: their faults carry the option's name
    """

    name: str
    help: str
    metavar: str = ""
    read: Callable[[str], Any] | None = values.word
    default: Any = None
    number: str = ""
    choices: tuple[str, ...] = ()
    target: str = ""
    former: tuple[str, ...] = ()
    scenario: bool = False
    required: bool = False
    shapes: bool = True
    called: tuple[str, ...] = ()

    @property
    def typed(self) -> str:
        """What a message calls it: as it is typed, or what stands for it in the help."""
        return self.name if self.name.startswith("-") else self.metavar

    @property
    def attribute(self) -> str:
        """Where the value stands among what was understood."""
        return self.target or self.name.lstrip("-").replace("-", "_")


def _flag(name: str, meaning: str, **rest: Any) -> Option:
    return Option(name, meaning, read=None, default=False, **rest)


def _scenario(name: str, meaning: str, **rest: Any) -> Option:
    return Option(name, meaning, "SCENARIO", values.path, scenario=True, **rest)


DRAW, REPLICATE = (values.within(values.whole, 0, most - 1) for most in (values.MOST_DRAWS, MOST_REPLICATES))
REPLICATES, WORKERS = (values.within(values.whole, 1, most) for most in (MOST_REPLICATES, MOST_WORKERS))
SEED, BANK = values.within(values.whole, 0, LARGEST_SEED), values.within(values.whole, FEWEST_RUNS, MOST_RUNS)
RATE, SHARE = (values.within(values.number, 0.0, most) for most in (MOST_RATE, 1.0))
PERIOD = "YEAR|YYYYQn|YYYY-MM"
OUT = "where to write (default {default})"

OPTIONS: dict[str, Option] = {
    # ----------------------------------------------------------------------------------------------------- scenarios
    "scenario": _scenario("scenario", "a shipped name or a TOML file"),
    "usual_scenario": _scenario("scenario", "a shipped name or a TOML file (default: the plan that the world names)",
                                number="?"),
    "scenarios": _scenario("scenarios", "shipped names or TOML files (default: the shipped policy scenarios)",
                           number="*"),
    "checked": _scenario("scenario", "a TOML file or a shipped name"),
    "scaled": Option("--propose", "with --data: write the plan, with ceilings and a pace for the places of that "
                     "register, as a scenario file", "FILE", values.path, shapes=False),
    "reported": _scenario("scenarios", "shipped names or TOML files (default: those of the run, or the shipped "
                          "policies)", number="*"),
    "of_scenario": _scenario("--scenario", "a shipped name or a TOML file (default {default})", default="reported"),
    "reference": _scenario("--reference", "what the others are compared with (default {default})", default="reported"),
    "against": _scenario("--reference", "analyse the paired difference from this one", target="against",
                         former=("--against",)),
    "option": _scenario("--option", "a further scenario to compare; may be given more than once. It stands among the "
                        "options and in value for money, as every shipped plan does", number="append"),
    "alone": _flag("--alone", "do not compare with the shipped plans: quicker, and then nothing is recommended"),
    # ---------------------------------------------------------------------------------------------- files and folders
    "out": Option("--out", OUT, "FOLDER", values.path, shapes=False),
    "out_if_wanted": Option("--out", "where to write (default: print only)", "FOLDER", values.path, shapes=False),
    "out_of_study": Option("--out", "where the experiment is (default qicsim-experiments/ and the file's name)",
                           "FOLDER", values.path, shapes=False),
    "out_of_import": Option("--out", "the data folder to write", "FOLDER", values.path, shapes=False),
    "out_files": Option("--out", "what to write, by its ending; may be given more than once (default {default})",
                        "FILE", values.path, number="append", shapes=False),
    "out_file": Option("--out", "write .html, .csv or .docx instead of printing", "FILE", values.path, shapes=False),
    "replace": _flag("--replace", "write over files of another request, and over files that were changed by hand",
                     shapes=False),
    "data": Option("--data", "a data folder made by `qicsim import`: its facilities, with the levels of their scores "
                   "and who joined when (default: the scenario's own register)", "FOLDER", values.path),
    "world": Option("--world", "the country: a world's folder (`qicsim world new`), or the name of one of the package "
                    "(`qicsim world describe`)", "FOLDER", values.path),
    "world_folder": Option("folder", "a world's folder, or the name of one of the package", "FOLDER", values.path),
    "world_if_any": Option("folder", "a world's folder, or the name of one of the package (default: the names)",
                           "FOLDER", values.path, number="?", target="folder"),
    "set": Option("--set", "for all scenarios, the reference among them: a parameter at one value, like "
                  "pdsa.k_item=0.1, or a form, like structure.contagion=threshold; may be repeated", "PATH=VALUE",
                  values.setting, number="append"),
    "costs": Option("--costs", "unit costs of all scenarios, a CSV file like the shipped one (`qicsim describe costs`)",
                    "FILE", values.path),
    "extend": Option("--extend", "add an extension to the model: a Python file, which is executed, or a module's name; "
                     "may be repeated", "FILE|MODULE", values.path, number="append"),
    "quick": _flag("--quick", "a first look: 8 draws x 1 replicate, every part of the page; intervals from so few runs "
                   "are rough"),
    "action": Option("action", "list or clear", "list|clear", choices=("list", "clear")),
    "others": _flag("--others", "clear only the runs that this version cannot use: those of other code"),
    "language": Option("--language", "of the page or paper: en (default), km (Khmer, a draft translation) or "
                                     "both", "CODE",
                       default="en", choices=LANGUAGES, shapes=False),
    # ---------------------------------------------------------------------------------------------------------- runs
    "draws": Option("--draws", "how many parameter sets (default {default}), or where they come from (prior, posterior "
                    "or a posterior file; default the shipped posterior), or both, like prior:200", "WHAT",
                    values.drawn),
    "defaults": _flag("--defaults", "one draw with every parameter at its default, instead of draws"),
    "draw": Option("--draw", "number of the draw, from 0 (default {default})", "N", DRAW, 0),
    "source": Option("--source", "where parameters come from: prior, posterior or a posterior file (default: the "
                     "shipped posterior)", "WHAT", called=("draws", "from")),
    "replicates": Option("--replicates", "runs of each draw with luck of their own (default {default})", "N",
                         REPLICATES),
    "replicate": Option("--replicate", "number of the run of the draw, from 0 (default {default})", "N", REPLICATE, 0),
    "seed": Option("--seed", "fixes draws and luck (default {default})", "N", SEED, 1),
    "until": Option("--until", "the horizon ends with this year, quarter or month (default: the scenario's)", PERIOD,
                    values.last_month, called=("horizon_end",)),
    "store": Option("--store", "where runs are kept and found again (default: QICSIM_STORE, or the user's cache "
                    "folder; `qicsim runs` says what is there)", "FOLDER", values.path, shapes=False),
    "store_of_bank": Option("--store", "where runs are kept and found again (default: QICSIM_STORE, or the user's "
                            "cache folder; `qicsim runs` says what is there)", "FOLDER", values.path,
                            former=("--bank",), shapes=False),
    "no_store": _flag("--no-store", "keep no runs: they are gone when the command ends", shapes=False),
    "workers": Option("--workers", "how many runs at a time (default: one for each core)", "N", WORKERS,
                      shapes=False),
    "port": Option("--port", "the port of the page on this machine (default: one that is free)", "N",
                   values.within(values.whole, 1024, 65535), shapes=False),
    "no_browser": _flag("--no-browser", "print the address of the page and open nothing", shapes=False),
    "quiet": _flag("--quiet", "no progress", shapes=False),
    # ------------------------------------------------------------------------------------------------ value for money
    "discount_rate": Option("--discount-rate", "a year, of costs and effects, 0 to 0.25; 0.03 is 3 %% (default "
                            "{default})", "RATE", RATE, 0.03, former=("--discount",)),
    "first_year": Option("--from", "the first year that counts (default: in which plans begin)", PERIOD,
                         values.first_year,
                         target="first"),
    "perspective": Option("--perspective", f"whose money counts: {', '.join(PAYERS)} (default {{default}})", "PAYER",
                          default="all", choices=PAYERS),
    "ceiling": Option("--ceiling", "most that those may spend in a year, US$ of --money-year (what counts: "
                      "--ceiling-is): one amount, like 3000000, or by year", "USD|YEAR=USD,...", values.ceiling),
    "ceiling_is": Option("--ceiling-is", "what the ceiling counts: all (all public money with PBF's payments, the "
                         "default), programme (what collaboratives cost), added (what a scenario costs more than the "
                         "reference)", "WHAT", default="all", choices=MONEY),
    "risk": Option("--risk", "share of draws in which a scenario may exceed the ceiling and still be chosen (default "
                   "{default})", "SHARE", SHARE, 0.1),
    "money_year": Option("--money-year", "the year whose prices all US$ are in: amounts of the price year of the "
                         "world (the default) times the change of prices since", "YEAR",
                         values.within(values.whole, 2000, 2100)),
    "prices": Option("--prices", "the changes of prices that --money-year goes by, a CSV file like prices.csv in the "
                     "folder of a world", "FILE", values.path),
    "without_payments": _flag("--without-payments", "leave PBF's payments to facilities and staff out of costs, as "
                              "transfers within society"),
    "worth": Option("--worth", "what a facility-year at 80 points is worth (default: the threshold of the last large "
                    "step of the frontier)", "USD", values.within(values.amount, 0.0, MOST_USD, above=True)),
    "target": Option("--target", "share of health centres that is to be at 80 points or more (default {default})",
                     "SHARE", SHARE, 0.8),
    "target_year": Option("--by", "by the end of this year (default: that of targets)", "YEAR", values.last_year),
    "recorded": _flag("--recorded", "the target is of recorded scores, not of true ones"),
    "costs_by_line": _flag("--costs-by-line", "unit costs vary line by line within their ranges, instead of all "
                           "together"),
    # ------------------------------------------------------------------------------------------------- the best plan
    "money": Option("--money", "most that a plan may spend in a year, US$ of --money-year (what counts: --money-is)",
                    "USD", values.within(values.amount, *AMOUNTS)),
    "money_is": Option("--money-is", "what the money counts: programme (what collaboratives cost, the default), added "
                       "(what a plan costs more than the reference, PBF among it), all (all public money with PBF)",
                       "WHAT", default="programme", choices=MONEY),
    "goal": Option("--goal", f"what is to be gained: {', '.join(GOALS)} (default {{default}})", "INDICATOR",
                   default="true", choices=GOALS),
    "fixed": Option("--fix", "a lever that every plan has at a value, like coaches=2; may be repeated", "LEVER=VALUE",
                    values.setting, number="append", called=("fix",)),
    "free": Option("--free", "the levers that are searched (default: all that are not fixed)", "LEVER", number="+"),
    "reach": Option("--reach", 'a target, like "true_80=0.3 by 2032": the least money for it, and its chance',
                    "TARGET"),
    "money_risk": Option("--risk", "share of draws in which a plan may spend more than the money in some year (default "
                         "{default})", "SHARE", values.within(values.number, 0.0, 0.5), 0.2, target="risk"),
    "plans_from": Option("--from", "the year in whose January plans begin (default {default})", PERIOD,
                         values.first_year, target="year", called=("from",)),
    "quick_search": _flag("--quick", "a fifth of the plans, half of the draws of the second look, no other "
                          "assumptions"),
    "fails": Option("--fails", 'when the plan fails, like "gain of true < 1" (less than a point over the reference, '
                    'the default) or "true_80 < 0.3 by 2032"', "CONDITION", default="gain of true < 1"),
    # ---------------------------------------------------------------------------------------------------- assumptions
    "assumptions": Option("--assumptions", "what is also run under other assumptions that decide, one at a time: usual "
                          f"(default), all, none, or some of {', '.join(ASSUMPTIONS)}, with commas", "WHAT",
                          values.word, former=("--structures=all",)),
    # --------------------------------------------------------------------------------------------------------- export
    "format": Option("--format", f"{', '.join(FORMATS)} (default: all that the register allows)", "FORMAT", number="+",
                     choices=FORMATS),
    "level": Option("--level", f"tables of {', '.join(LEVELS)} (default: all)", "LEVEL", number="+", choices=LEVELS),
    "ranked_year": Option("--by", "year of the ranked list (default: that of targets)", "YEAR", values.last_year,
                          called=("year",)),
    "first_quarter": Option("--from", "the first quarter, also as a year or a month (default: the one after the "
                            "observed scores, else that of plans)", PERIOD, values.first_quarter, target="since"),
    "period": Option("--period", "what rows of CSV and DHIS2 are for: each quarter (default) or the end of each year",
                     "|".join(EVERY), default="quarter", choices=EVERY),
    "identify": Option("--identify", "what DHIS2 knows organisation units by (default {default})",
                       "|".join(IDENTIFIERS), default="uid", choices=IDENTIFIERS),
    "category_combo": Option("--category-combo", "uid of a category combination for the data elements of DHIS2 "
                             "(default: the server's own)", "UID"),
    "attribute_combo": Option("--attribute-combo", "uid of an attribute option combo for all values, which tells "
                              "scenarios apart in DHIS2", "UID"),
    "prefix": Option("--prefix", "beginning of the codes of data elements (default {default})", "TEXT", default="QIC"),
    "observed": Option("--observed", "codes or uids of data elements that hold observed scores, which are never "
                       "written (those of the data folder are known)", "CODE", number="+"),
    "today": Option("--today", "the day from which DHIS2 counts future periods (default: today)", "YYYY-MM-DD",
                    values.day),
    # --------------------------------------------------------------------------------------------------------- import
    "registers": Option("--register", "tables of facilities, or DHIS2 organisation units (CSV, or JSON with all its "
                        "pages)", "FILE", values.path, number="+"),
    "template": Option("--template", "write empty, explained files to fill in (CSV, XLSX) and a sample set, and import "
                       "nothing", "FOLDER", values.path, shapes=False),
    "sample_set": _flag("--sample", "import the sample set of the world, invented facilities"),
    "scores": Option("--scores", "tables of scores, long or wide, or DHIS2 data value sets (CSV, JSON)", "FILE",
                     values.path, number="+"),
    "joined": Option("--joined", "who joined a collaborative when", "FILE", values.path, number="+"),
    "population": Option("--population", "people of each facility, where the register does not say it", "FILE",
                         values.path, number="+"),
    "unit_levels": Option("--levels", "levels of DHIS2 units (default country=1,province=2,district=3,facility=4)",
                          "LEVELS"),
    "types": Option("--types", "table of two columns (CSV, XLSX) or TOML: text or group, and a kind of "
                    "facility of the world (`qicsim world describe`) or leave out", "FILE", values.path),
    "elements": Option("--elements", "DHIS2 data elements: CODE=total, or a file of two columns", "ELEMENT",
                       number="+"),
    "leave_out": Option("--leave-out", "leave out facilities of these types, groups or owners, like private,ngo",
                        "WORDS", values.words, ()),
    "scale": Option("--scale", "highest score as written, like 1, 20 or 120 (default: 1 or 100, recognised for each "
                    "file)", "auto|N", default="auto"),
    "accept": Option("--accept", "answer yes to questions of an earlier call, like people,places", "WORDS",
                     values.words, ()),
    "crosswalk": Option("--crosswalk", "tables with the columns kind, from, to: what names, headings, types, provinces "
                        "and units of your files mean", "FILE", values.path, number="+"),
    "periods": Option("--periods", "what 1/2026 is, a quarter or a month (default: a month where it must be one, "
                      "else asked)", "auto|quarter|month", default="auto", choices=("auto", "quarter", "month")),
    "skip_faulty": _flag("--skip-faulty", "leave out rows with errors, with a warning for each, instead of stopping"),
    "report": Option("--report", "write the page on quality here too, also when there are errors", "FILE",
                     values.path, shapes=False),
    "propose": Option("--propose", "write what names, types and provinces were not understood, and the nearest ones, "
                      "as a file for --crosswalk", "FILE", values.path, shapes=False),
    # ---------------------------------------------------------------------------------------------------- calibration
    "study_file": Option("--study", "a TOML file (default: the shipped study)", "FILE", values.path),
    "targets": Option("--targets", "a CSV file (default: the shipped targets)", "FILE", values.path),
    "bank_runs": Option("--runs", "runs of the bank, instead of the study's", "N", BANK),
    "own_data": Option("--data", "a data folder made by `qicsim import`: update the shipped posterior by its scores",
                       "FOLDER", values.path),
    "prior": Option("--prior", 'with --data: the posterior file to update, or "prior" (default: the shipped '
                    "posterior)", "FILE", values.path),
    "discrepancy": Option("--discrepancy", "with --data: factor on the stated errors of the model (default {default}; "
                          "0 takes it for right)", "FACTOR", values.within(values.number, 0.0, MOST_DISCREPANCY), 1.0),
    # ------------------------------------------------------------------------------------------------------- evidence
    "rule": Option("--rule", f"how studies are read: {', '.join(RULES)} (default {{default}})", "RULE",
                   default=RULES[0], choices=RULES),
    "without": Option("--without", "strike out studies, by their keys", "KEY", number="+", default=()),
    "trial_runs": Option("--runs", "simulated trials of the bank (default {default})", "N", BANK, 20_000),
    "proof": _flag("--proof", "simulation-based calibration of the rows as well, on their bank: some minutes more"),
    "trials": Option("--trials", "a table of studies like the shipped one (default: calibration/trials.csv)", "FILE",
                     values.path),
    # ---------------------------------------------------------------------------------------------------- experiments
    "study": Option("study", "a TOML file", "FILE", values.path, shapes=False),
    "folders": Option("folders", "folders of shards that wrote apart", "FOLDER", values.path, number="*", shapes=False),
    "executor": Option("--executor", "serial, threads, processes, loky, dask, dask:tcp://host:port, mpi, or "
                       "package.module:factory (default {default})", "NAME", values.executor, "threads", shapes=False),
    "shard": Option("--shard", "do part i of n only, and write no tables (see merge)", "i/n", values.shard,
                    shapes=False),
    "more_draws": Option("--draws", "draws of the larger study", "N", values.draws, shapes=False),
    "more_replicates": Option("--replicates", "replicates of the larger study", "N", REPLICATES, shapes=False),
    # ---------------------------------------------------------------------------------------------------- sensitivity
    "method": Option("--method", f"{', '.join(METHODS)} (default {{default}})", "METHOD", default=METHODS[0],
                     called=("[analysis] kind",)),
    "parameters": Option("--parameters", "all, none, names with commas, or the first N of a screening: ranking.csv:N "
                         "(default {default})", "WHAT", values.parameters, "all"),
    "lever": Option("--lever", "a lever with the values that it takes, like coaches=1,2,4; may be repeated. "
                    "With --reference it is set in both scenarios", "NAME=V,V", values.lever, number="append",
                    called=("levers", "[analysis] levers")),
    "levers_from": Option("--from", "the year, quarter or month from which the levers hold", PERIOD,
                          values.first_month, target="since"),
    "indicators": Option("--indicators", "what is looked at, with commas (default true,recorded)", "NAMES",
                         values.words, ("true", "recorded"), called=("[keep] indicators",)),
    "times": Option("--times", "last, all (over time, by year), or years with commas (default {default})", "WHAT",
                    values.times, "last"),
    "size": Option("--size", "trajectories, base points or points (default by method: 16, 256, 128, 512)", "N",
                   values.draws, shapes=False, called=("draws", "n")),
    "tolerance": Option("--tolerance", "half-width at which an index is called converged (default {default})", "T",
                        values.within(values.number, 0.0, 1.0, above=True), 0.05),
    "second_order": _flag("--second-order", "pairs of factors too, of method sobol"),
    "luck": Option("--luck", "shared along a trajectory or base point, so that a factor that does nothing shows 0, or "
                   "own, for each point (default shared)", "WHOSE", choices=LUCKS),
    "sample": Option("--sample", "base points of a Sobol sequence, or latin-hypercube (default sequence)", "HOW",
                     choices=SAMPLES),
    "dummy": _flag("--dummy", "a factor besides that moves nothing"),
    "group": Option("--group", "factors that move together and have one index, like "
                    "people=pdsa.k_item,team.p_resp; may be repeated", "NAME=F,F", values.group, number="append",
                    called=("groups", "[analysis] groups")),
    "correlated": _flag("--correlated", "parameters keep the rank correlations of the posterior (not of screening)"),
    "within": Option("--within", "only points where an indicator lies above or below a value, like 'recorded>80' "
                     "(pawn)", "CONDITION", values.condition),
    "match": Option("--match", "what was observed of an indicator at the last time, and its standard deviation, like "
                    "recorded=62:3; may be repeated (emulator)", "INDICATOR=VALUE:SD", values.observation,
                    number="append"),
    # -------------------------------------------------------------------------------------------------------- history
    "facility": Option("facility", "its id, code, DHIS2 uid or name in the register", "FACILITY"),
    "moves_from": Option("--from", "the first year, quarter or month (default: where data begin, or it opened)", PERIOD,
                         values.first_month, target="since"),
    "moves_to": Option("--to", "the last year, quarter or month (default: the horizon's last)", PERIOD,
                       values.last_month, target="until"),
    # ----------------------------------------------------------------------------------- checklists, tables, registers
    "checklist": Option("name", ", ".join(CHECKLISTS), "CHECKLIST", choices=CHECKLISTS),
    "run_folder": Option("--run", "what qicsim compare or qicsim decide wrote", "FOLDER", values.path),
    "topic": Option("topic", ", ".join(TOPICS), "TOPIC", choices=TOPICS),
    "csv": Option("file", "the CSV file to write", "FILE", values.path),
    "register_file": Option("file", "a CSV file (default: the embedded register)", "FILE", values.path, number="?"),
    "network": Option("file", "the file to write", "FILE", values.path),
    "register": Option("--register", "a CSV file (default: the embedded register)", "FILE", values.path),
    "only": Option("--only", "these provinces alone (default: all)", "PROVINCE", number="+"),
}
"""Every option by a name of its own; two entries with the same spelling mean alike things of different commands."""

ENSEMBLE = ("draws", "replicates", "seed", "until", "data", "set", "costs", "extend", "store", "no_store", "workers",
            "quiet")
"""What every command that runs draws takes."""


def take(command: argparse.ArgumentParser, *names: str, **defaults: Any) -> None:
    """Declare the options of these names for a command; `defaults` replaces those of the table."""
    taken: dict[str, Option] = command.get_default("taken") or {}
    for name in names:
        option = OPTIONS[name]
        option = replace(option, default=defaults[name]) if name in defaults else option
        taken[option.attribute] = option
        _declare(command, option)
    command.set_defaults(taken=taken)


def _declare(command: argparse.ArgumentParser, option: Option) -> None:
    """Hand the option to argparse, which sorts the words; it reads nothing and knows no default."""
    positional = not option.name.startswith("-")
    form: dict[str, Any] = {"help": option.help.replace("{default}", f"{option.default}"), "default": None}
    if option.read is None:
        form["action"] = "store_true"
    else:
        form["metavar"] = option.metavar
        form |= {"action": "append"} if option.number == "append" else {"nargs": option.number} if option.number else {}
    if not positional:
        form |= {"dest": option.attribute, "required": option.required}
    command.add_argument(option.name, **form)


def overrides(options: argparse.Namespace) -> dict[str, Any]:
    """What holds for all scenarios of the call, as arguments of `qicsim.run`."""
    return {"set": dict(options.set), "costs": options.costs}


def overrides_facts(options: argparse.Namespace) -> dict[str, Any]:
    """What holds for all scenarios of the call, for provenance; empty where nothing was set."""
    facts: dict[str, Any] = {"set": dict(options.set)}
    facts |= {name: Path(file).name for name in ("costs", "prices") if (file := getattr(options, name, None))}
    if "money_year" in options.taken and options.money_year not in (None, home().price_year):
        facts["money_year"] = options.money_year
    return {name: fact for name, fact in facts.items() if fact}
