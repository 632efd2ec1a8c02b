"""From words to what was understood: options anywhere, old spellings with a word, the faults of all options at once.

A command may `prepare` what it needs before it looks at its output folder or runs anything, from scenarios to settings:
what cannot be used of that is told together with the faults of options.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from qicsim.cli.options import Option
from qicsim.cli.values import Unusable, quoted
from qicsim.ground.errors import Fault, InputError, SettingError, nearest

_NEGATIVE = re.compile(r"-[\d.]")
GOES_WITH = "0.3"
"""The version that no longer knows old spellings."""


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations, which remembers what it is for."""

    def __init__(self, **form: Any) -> None:
        """As `argparse.ArgumentParser`."""
        super().__init__(allow_abbrev=False, **form)

    def error(self, message: str) -> NoReturn:
        """SettingError with what argparse found."""
        raise SettingError("", [Fault("", f"{self.prog}: {message}", hint=f"`{self.prog} --help` shows its usage")])


def understood(command: argparse.ArgumentParser, words: Sequence[str], *, prepare: bool = True) -> argparse.Namespace:
    """What the words say to a command, and as `prepared` what it makes of that; SettingError with every fault.

    Without `prepare` nothing is made of it: only what stands in the words, and names of scenarios, can be wrong.
    """
    taken: Mapping[str, Option] = command.get_default("taken") or {}
    words = _arranged(taken.values(), _present(taken.values(), words))
    unknown = _unknown(command, words)
    try:
        options, rest = command.parse_known_intermixed_args(_without(unknown, words))
    except SettingError as error:
        raise SettingError("", unknown.values() or error.faults) from None
    faults = list(unknown.values())
    faults += [Fault("", f"{quoted(word)} is one word too many", f"{command.prog} {_shape(taken.values())}".strip())
               for word in rest]
    faults += _read(taken.values(), options)
    faults += _beside_faults(options)
    named = _scenario_faults(taken.values(), options) + _override_faults(options)
    make = command.get_default("prepare") if prepare and not unknown else None
    faults += named or _prepare(make, options, faulty=bool(faults))
    if faults:
        raise SettingError("", list(dict.fromkeys(faults)))
    return options


def as_typed(taken: Iterable[Option], faults: Iterable[Fault]) -> list[Fault]:
    """Faults of arguments of Python functions with the options that were typed for them."""
    options = list(taken)
    pairs = [(name, option) for option in reversed(options) for name in option.called]
    pairs += [(name, option) for option in options for name in {option.attribute, option.attribute.replace("_", " ")}]
    names = {f"{section}{name}": option.typed for name, option in pairs for section in ("", "[analysis] ")}
    return [replace(fault, place=_renamed(fault.place, names)) for fault in faults]


def _renamed(place: str, names: Mapping[str, str]) -> str:
    """A place with the option's name in front; as it is where no option is called so."""
    head = next((part for part in (place, *(place.partition(end)[0] for end in (",", " of "))) if part in names), None)
    return place if head is None else names[head] + place[len(head):]


def choose(names: Iterable[str], word: str, prog: str) -> str:
    """The command of this name; SettingError with the nearest name when there is none."""
    known = list(names)
    if word in known:
        return word
    if word.startswith("-"):
        raise SettingError("", [Fault("", f"{quoted(word)} stands before the command",
                                      f"{prog} COMMAND and then options", f"`{prog} --help` lists commands")])
    raise SettingError("", [Fault("", f"{quoted(word)} is not a command of {prog}", ", ".join(known),
                                  nearest(word, known))])


# ------------------------------------------------------------------------------------------------------------- words


def options_of(words: Sequence[str]) -> list[str]:
    """The words that are options, without values after =; what follows -- is none."""
    end = words.index("--") if "--" in words else len(words)
    return [word.partition("=")[0] for word in words[:end] if word.startswith("--") or word == "-h"]


def _present(taken: Iterable[Option], words: Sequence[str]) -> list[str]:
    """The words with today's spelling of options; says on stderr what replaces an old one."""
    former = {old: option.name + equals + meant for option in taken
              for old, equals, meant in (one.partition("=") for one in option.former)}
    found = list(words)
    for at, word in enumerate(found):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name in former:
            sys.stderr.write(f"{name} is now {former[name]}; the old spelling works until version {GOES_WITH}.\n")
            found[at] = f"{former[name]}{equals}{value}"
    return found


def _arranged(taken: Iterable[Option], words: Sequence[str]) -> list[str]:
    """The words with negative values tied to their option, and with what no list of choices holds before the lists."""
    by_name = {option.name: option for option in taken}
    first: list[str] = []
    found: list[str] = []
    choices: tuple[str, ...] = ()
    ended = False
    for word in words:
        option = by_name.get(found[-1]) if found and not ended else None
        if not ended and option is not None and option.read is not None and _NEGATIVE.match(word):
            found[-1] = f"{found[-1]}={word}"
            continue
        if word.startswith("--") and not ended:
            ended = word == "--"
            choices = by_name[word].choices if word in by_name and by_name[word].number == "+" else ()
        elif choices and not ended and found[-1] not in by_name and word not in choices and not nearest(word, choices):
            first.append(word)
            continue
        found.append(word)
    return [*first, *found]


def _unknown(command: argparse.ArgumentParser, words: Sequence[str]) -> dict[str, Fault]:
    """Every option that the command does not take, and a fault with the nearest that it takes."""
    known = sorted(name for action in command._actions for name in action.option_strings)  # noqa: SLF001 - no other way
    faults = {}
    for name in options_of(words):
        if name not in known and name != "--" and " " not in name:
            refused = (command.get_default("refused") or {}).get(name)
            longer = [one for one in known if one.startswith(name)] if len(name) > len("--") else []
            hint = f"Did you mean {' or '.join(map(quoted, longer))}?" if longer else nearest(name, known)
            faults[name] = Fault("", f"{quoted(name)} is not an option of {command.prog}", hint=refused or hint
                                 or f"`{command.prog} --help` lists them")
    return faults


def _without(unknown: Iterable[str], words: Sequence[str]) -> list[str]:
    """The words without unknown options, and without the word after each, which may be its value."""
    left: list[str] = []
    dropped = ""
    for word in words:
        name, equals, _ = word.partition("=")
        value_of_dropped = dropped and not word.startswith("-")
        dropped = name if name in unknown and not equals else ""
        if name not in unknown and not value_of_dropped:
            left.append(word)
    return left


def _shape(taken: Iterable[Option]) -> str:
    """The positional arguments of a command in words."""
    forms = {"*": "[{} ...]", "?": "[{}]", "": "{}", "+": "{} ..."}
    return " ".join(forms[option.number].format(option.metavar) for option in taken if not option.name.startswith("-"))


# ------------------------------------------------------------------------------------------------------------ values


def _read(taken: Iterable[Option], options: argparse.Namespace) -> list[Fault]:
    """Put what each text means, or the default, in its place; gives what is wrong."""
    faults: list[Fault] = []
    for option in taken:
        typed = getattr(options, option.attribute, None)
        many = option.number in ("*", "+", "append")
        if typed is None or (many and not typed):
            setattr(options, option.attribute, [] if many and option.default is None else option.default)
        elif option.read is not None:
            before = len(faults)
            values = [_value(faults, option, text) for text in (typed if many else [typed])]
            if len(faults) > before:  # what is checked beside it finds what it would without the option
                values = [value for value in values if value is not None] if many else [option.default]
            setattr(options, option.attribute, values if many else values[0])
    return faults


def _beside_faults(options: argparse.Namespace) -> list[Fault]:
    """A fault for options that every command with them refuses together."""
    both = getattr(options, "no_store", False) and options.store is not None
    return [Fault("--no-store", "is there beside --store", "one of the two")] if both else []


def _prepare(make: Callable[[argparse.Namespace], Any] | None, options: argparse.Namespace, *, faulty: bool
             ) -> list[Fault]:
    """Keep what a command prepares; gives what is wrong with it.

    Levels of a data folder may take a while to estimate: not when the call is refused anyway.
    """
    if make is None or (faulty and getattr(options, "data", None) is not None):
        return []
    try:
        options.prepared = make(options)
    except InputError as error:
        return placed(options.taken.values(), error)
    return []


def placed(taken: Iterable[Option], error: InputError) -> list[Fault]:
    """The faults of an error: of a file with its name in front, of arguments with the options typed for them."""
    if not error.source:
        return as_typed(taken, error.faults)
    return [replace(fault, place=": ".join(part for part in (error.source, fault.place) if part))
            for fault in error.faults]


def _value(faults: list[Fault], option: Option, text: str) -> Any:
    """What a text means to an option; None after a fault was noted."""
    if option.choices:
        if text not in option.choices:
            faults.append(Fault(option.typed, f"{quoted(text)} is not a choice", ", ".join(option.choices),
                                nearest(text, option.choices)))
        return text
    try:
        return option.read(text) if option.read is not None else text
    except Unusable as wrong:
        faults.append(Fault(option.typed, wrong.found, wrong.allowed, wrong.hint))
        return None


def _scenario_faults(taken: Iterable[Option], options: argparse.Namespace) -> list[Fault]:
    """A fault for every scenario that there is not, with the option that names it."""
    named: list[tuple[str, str]] = []
    for option in taken:
        given = getattr(options, option.attribute, None) if option.scenario else None
        if given is not None and given is not option.default:
            place = option.name if option.name.startswith("-") else ""
            named += [(place, name) for name in (given if isinstance(given, list) else [given]) if name]
    if not named:
        return []
    from qicsim.inputs.scenario import check_names

    faults: list[Fault] = []
    for place, name in dict.fromkeys(named):
        try:
            check_names([name])
        except InputError as error:
            faults += [replace(fault, place=": ".join(part for part in (place, fault.place) if part))
                       for fault in error.faults]
    return faults


def _override_faults(options: argparse.Namespace) -> list[Fault]:
    """A fault for everything that cannot hold for all scenarios."""
    given = [pair for pair in getattr(options, "set", None) or () if pair]
    costs = getattr(options, "costs", None)
    if not given and costs is None:
        return []
    from qicsim.inputs.scenario.overrides import checked_overrides
    from qicsim.inputs.world.money import read_unit_costs

    names = [path for path, _ in given]
    faults = [Fault("--set", f"{quoted(path)} is there more than once", "each path once")
              for path in dict.fromkeys(names) if names.count(path) > 1]
    for check in (lambda: checked_overrides(dict(given), "--set"), lambda: costs is None or read_unit_costs(costs)):
        try:
            check()
        except InputError as error:
            faults += placed((), error)
    return faults
