"""The server of the live page: who may ask, streams that end, errors that do not stop it, what it makes."""

from __future__ import annotations

import json
import socket
import time

import pytest

from qicsim.explore import server
from qicsim.explore.controls import ask_of
from qicsim.explore.made import Maker
from qicsim.explore.runs import Lived
from qicsim.explore.server import Tabs, listening
from qicsim.inputs.scenario import load_scenario
from tests.explore.conftest import DRAWS, SECRET, ask


def test_only_this_machine_can_reach_it(served):
    other = socket.gethostbyname_ex(socket.gethostname())[2]
    with socket.socket() as one:
        one.settimeout(2.0)
        assert [address for address in other if not address.startswith("127.")
                and one.connect_ex((address, served.port)) == 0] == []


@pytest.mark.parametrize(("method", "path", "headers", "status"), [
    ("GET", "/", {}, 200), ("GET", "/km", {"Host": "localhost:{port}"}, 200),
    ("GET", "/", {"Host": "evil.example"}, 400), ("GET", "/", {"Host": "127.0.0.1:1"}, 400),
    ("GET", "/", {"Host": "evil.example:{port}"}, 400), ("GET", "/", {"Sec_Fetch_Site": "cross-site"}, 403),
    ("GET", "/", {"Origin": "http://evil.example"}, 403), ("GET", "/run", {}, 405), ("GET", "/elsewhere", {}, 404),
    ("POST", "/run", {"x_qicsim_secret": None}, 403), ("POST", "/run", {"x_qicsim_secret": SECRET[:-1]}, 403),
    ("POST", "/run", {"x_qicsim_secret": "\u00e9"}, 403), ("POST", "/toml", {"x_qicsim_secret": "x"}, 403),
    ("POST", "/run", {"Origin": "http://127.0.0.1:1"}, 403), ("POST", "/run", {"Origin": "null"}, 403),
    ("POST", "/run", {"Sec_Fetch_Site": "same-site"}, 403), ("POST", "/make/page", {"Origin": "http://a.example"}, 403),
    ("POST", "/run", {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"}, 200)])
def test_nobody_else_may_ask(served, method, path, headers, status):
    given = {name: value.format(port=served.port) if value else value for name, value in headers.items()}
    found, _, _ = served.request(method, path, {"tab": "guard", "ask": None} if method == "POST" else None, **given)

    assert found == status


def test_what_is_too_long_is_not_read(served):
    assert served.request(body={"ask": "x" * 70_000})[0] == 413


def test_the_page_holds_no_secret_and_may_load_and_ask_nothing_from_elsewhere(served):
    _, page, headers = served.request("GET", "/")

    assert SECRET not in page
    assert "default-src 'none'; script-src 'sha256-" in page and "connect-src 'self'" in page
    assert "unsafe-eval" not in page and "http://" not in page.replace("http://www.w3.org/", "")
    assert headers["referrer-policy"] == "no-referrer" and headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"] and "server" not in headers


def test_a_change_is_told_of_after_eight_draws_and_after_all(served):
    first, last = served.run(ask({"levers": {"coaches": 2.5}}, {"preset": "pbf-reform"}))

    assert (first["n"], first["last"], last["n"], last["last"]) == (8, False, DRAWS, True)
    assert list(last["tiles"]) == ["A", "B"] and len(last["values"]) == 3
    assert first["said"].startswith("First picture") and last["said"].startswith("All")


def test_what_is_known_is_told_at_once(served):
    asked = ask({"levers": {"coaches": 2.5}})
    served.run(asked)

    assert [one["n"] for one in served.run(ask({"levers": {"coaches": 2.5}}, costs={"coach_post": 2}))] == [DRAWS]


def test_the_target_and_the_language_are_those_that_were_asked_for(served):
    (*_, sure) = served.run(ask(target={"share": 0.0, "year": 2030}))
    (*_, khmer) = served.run(ask(target={"share": 0.0, "year": 2030}), language="km")

    assert sure["tiles"]["A"][-1]["big"] == "100\u00a0%"
    assert sure["tiles"]["A"][0]["head"] != khmer["tiles"]["A"][0]["head"]


@pytest.mark.parametrize(("asked", "said"), [
    (ask({"preset": "nonsense"}), "is not known here"), (ask({"levers": {"coaches": 300}}), "0 to 20"),
    (ask({"levers": {"wave_topics": ["hand_hygiene"]}}), "is not known here")])
def test_a_choice_that_cannot_be_run_is_said_in_words_and_the_server_goes_on(served, asked, said):
    (line,) = served.run(asked)

    assert said in line["error"]
    assert served.run(ask())[-1]["last"]


def test_an_error_in_a_run_is_shown_and_the_server_goes_on(served, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    with monkeypatch.context() as patch:
        patch.setattr(server, "message", broken)
        (line,) = served.run(ask({"levers": {"visits": 1.25}}))
    assert line == {"error": "ZeroDivisionError: by nothing"} and "A change failed." in caplog.text
    assert served.run(ask())[-1]["last"]


@pytest.mark.parametrize("body", [b"", b"no json", b"[" * 50_000, b"[]", b"\xff"])
def test_what_is_no_request_is_answered_in_words(served, body):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("POST", "/run", body, {"x-qicsim-secret": SECRET})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()

    assert answer.status == 200 and "plan A is missing" in json.loads(text)["error"]


def test_the_latest_change_of_a_tab_ends_the_one_before_and_no_other():
    tabs = Tabs()
    first, other, second = tabs.latest("one"), tabs.latest("two"), tabs.latest("one")

    assert (first.stopped, other.stopped, second.stopped) == (True, False, False)


def test_nothing_more_is_run_for_a_tab_that_is_closed(served, monkeypatch):
    lived = []

    def slowly(self, draw, arms):
        lived.append(draw)
        time.sleep(0.1)

    monkeypatch.setattr(Lived, "live", slowly)
    asked = ask({"levers": {"visits": 1.5}}, assumptions={"lapsed_return": "lapsed_return-joining"})
    body = json.dumps({"tab": "gone", "ask": asked})
    head = (f"POST /run HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nx-qicsim-secret: {SECRET}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", served.port)) as closed:
        closed.sendall((head + body).encode())
        while not lived:
            time.sleep(0.01)
    while not served.site.tabs.changes["/run gone"].stopped:
        time.sleep(0.01)
    begun = len(lived)
    time.sleep(0.3)

    assert 1 <= begun == len(lived) < 8


def test_a_port_that_is_taken_is_refused(served):
    with pytest.raises(OSError, match="in use"):
        listening(served.port)


def test_a_plan_is_saved_as_text_that_check_takes(served, tmp_path):
    status, text, _ = served.request(path="/toml", body={"ask": ask({"levers": {"coaches": 3}}), "plan": "A"})
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")

    assert status == 200 and load_scenario(tmp_path / "a.toml").levers.coaches[-1] == 3
    assert served.request(path="/toml", body={"ask": ask(), "plan": "B"})[0] == 422


def test_what_is_made_is_told_of_until_it_stands_there(served, monkeypatch):
    def make(what, asked, key, language, progress):
        progress(1, 2)
        return f"{what} {key} {language} {asked.plans[key].preset}"

    monkeypatch.setattr(served.site.maker, "make", make)
    _, text, _ = served.request(path="/make/plan", body={"ask": ask(), "plan": "A", "language": "km", "tab": "maker"})

    first, last = map(json.loads, text.splitlines())
    assert first == {"done": 1, "total": 2} and last["file"] == "plan A km national-2030"


def test_full_pages_are_of_the_same_scenarios_and_draws_with_unit_costs_in_a_file(served, tmp_path):
    maker = Maker(served.site.runs, tmp_path, False)
    asked = ask_of(ask({"levers": {"coaches": 3}}, assumptions={"habit": "habit-never", "effects": "half"},
                       costs={"coach_post": 2}), served.site.runs.country)
    reference, plans, draws = maker.scenarios(asked, tmp_path)
    known = served.site.runs.draws.values

    assert list(plans) == ["A"] and plans["A"].levers.coaches[-1] == 3
    assert reference.structure == plans["A"].structure != load_scenario("reported").structure
    assert (draws.values != known).any(axis=0).sum() == 1 and (draws.values <= known).all()
    assert reference.data["unit_costs"] == plans["A"].data["unit_costs"] == tmp_path / "unit-costs.csv"
    assert any("habit-never" in said for said in plans["A"].assumptions)


@pytest.mark.slow
def test_the_full_page_and_the_plan_are_those_of_the_choice(served):
    asked = ask({"levers": {"coaches": 3}}, assumptions={"habit": "habit-never"}, costs={"coach_post": 2})
    served.site.maker.replicates = 1
    for what, name in (("page", "compare.html"), ("plan", "what-if-a.xlsx")):
        _, text, _ = served.request(path=f"/make/{what}", body={"ask": asked, "tab": "maker", "plan": "A"})
        *_, last = map(json.loads, text.splitlines())
        made = served.folder / f"{what}-1" / name
        assert last["file"] == str(made) and made.is_file()
        assert {"what-if-a.toml", "unit-costs.csv"} <= {file.name for file in made.parent.iterdir()}
