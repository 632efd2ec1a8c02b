"use strict";
/* The controls of the live page: what is moved is asked of the program on this machine, which answers with lines of
   numbers, the first soon and the last when all runs are done. The address holds what was chosen, and never the secret. */
(() => {
  const data = JSON.parse(document.getElementById("live-data").textContent);
  const find = (id) => document.getElementById(id);
  const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const PLANS = ["A", "B"], START = "#explore:", PAUSE = 100, STEPS_BACK = 200;
  const tab = crypto.randomUUID();

  /* -------------------------------------------------------------------------------------------------- the secret */

  const kept = { /* a browser may forbid it */
    get: () => { try { return localStorage.getItem("qicsim-secret") ?? ""; } catch { return ""; } },
    set: (value) => { try { localStorage.setItem("qicsim-secret", value); } catch { /* then for this page alone */ } },
  };
  let secret = kept.get();
  const takeSecret = () => {
    const found = /^#secret=([\w-]+)/.exec(location.hash);
    if (!found) return false;
    secret = found[1];
    kept.set(secret);
    history.replaceState(null, "", location.pathname);
    return true;
  };
  takeSecret();

  /* --------------------------------------------------------------------------------------------------- the choice */

  let state = copy(data.first);
  const before = [];

  const remember = () => {
    const told = new URLSearchParams(location.hash.startsWith(START) ? location.hash.slice(START.length) : "");
    if (JSON.stringify(state) === JSON.stringify(data.first)) told.delete("what"); else told.set("what", JSON.stringify(state));
    history.replaceState(null, "", String(told) ? START + told : location.pathname);
    for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
  };

  const recall = () => {
    const told = location.hash.startsWith(START) ? new URLSearchParams(location.hash.slice(START.length)).get("what") : null;
    try {
      state = told ? { ...copy(data.first), ...JSON.parse(told) } : copy(data.first);
    } catch { state = copy(data.first); }
    const known = (plan) => plan && Object.hasOwn(data.presets, plan.preset) && plan.levers instanceof Object;
    const { A, B } = state.plans ?? {}; /* a link may be anybody's */
    if (!known(A) || !(B === null || known(B))) state.plans = copy(data.first.plans);
    for (const name of ["assumptions", "costs", "target"]) if (!(state[name] instanceof Object)) state[name] = copy(data.first[name]);
  };

  /* The stops of a slider: those of the lever, and where the shipped plan has it. */
  const stops = (name, plan) => {
    const own = data.presets[plan.preset][name], set = plan.levers[name];
    const all = [...data.stops[name], own];
    if (set !== undefined && !all.some(([value]) => value === set)) all.push([set, String(set)]);
    return all.filter(([value], at) => all.findIndex(([other]) => other === value) === at).sort(([a], [b]) => a - b);
  };

  const slide = (input, list, value, asAtFirst) => {
    const at = Math.max(list.findIndex(([one]) => one === value), 0);
    Object.assign(input, { max: list.length - 1, value: at });
    input.list_ = list;
    find(`${input.id}-value`).textContent = list[at][1];
    input.setAttribute("aria-valuetext", list[at][1]);
    input.closest(".move").classList.toggle("moved", !asAtFirst);
  };

  const pick = (select, value, asAtFirst) => {
    select.value = value ?? "";
    select.closest(".move").classList.toggle("moved", !asAtFirst);
  };

  const showControls = () => {
    for (const key of PLANS) {
      const plan = state.plans[key];
      pick(find(`${key}-preset`), plan?.preset ?? "", true);
      find(`levers-${key}`).hidden = !plan;
      for (const button of document.querySelectorAll(`[data-plan="${key}"]`)) button.disabled = !plan;
      if (!plan) continue;
      pick(find(`${key}-start`), plan.start, plan.start === data.first.plans.A.start);
      pick(find(`${key}-ends`), plan.ends, plan.ends === null);
      for (const name of Object.keys(data.stops)) {
        const control = find(`${key}-${name}`), own = data.presets[plan.preset][name][0], value = plan.levers[name] ?? own;
        if (control.type === "range") slide(control, stops(name, plan), value, value === own);
        else pick(control, value, value === own);
      }
    }
    for (const control of document.querySelectorAll('[id^="assume-"]')) {
      const group = control.id.slice("assume-".length);
      if (control.tagName === "SELECT") pick(control, state.assumptions[group], !state.assumptions[group]);
    }
    pick(find("envelope"), state.envelope, state.envelope === null);
    for (const [key, list] of Object.entries(data.costs)) slide(find(`cost-${key}`), list, state.costs[key] ?? 1, (state.costs[key] ?? 1) === 1);
    slide(find("target-share"), data.shares, state.target.share, state.target.share === data.first.target.share);
    pick(find("target-year"), state.target.year, state.target.year === data.first.target.year);
    find("undo").disabled = before.length === 0;
  };

  /* What a control says, into the choice. */
  const take = (control) => {
    const number = () => (control.value === "" ? null : Number(control.value));
    const stop = () => control.list_[Number(control.value)][0];
    const [first, ...rest] = control.id.split("-"), name = rest.join("-");
    if (first === "assume") { if (control.value) state.assumptions[name] = control.value; else delete state.assumptions[name]; }
    else if (first === "cost") { if (stop() === 1) delete state.costs[name]; else state.costs[name] = stop(); }
    else if (control.id === "envelope") state.envelope = number();
    else if (control.id === "target-share") state.target.share = stop();
    else if (control.id === "target-year") state.target.year = number();
    else if (name === "preset") state.plans[first] = control.value ? { preset: control.value, levers: {}, start: state.plans[first]?.start ?? data.first.plans.A.start, ends: null } : null;
    else if (name === "start") { const plan = state.plans[first]; plan.start = number(); if (plan.ends !== null && plan.ends < plan.start) plan.ends = plan.start + 1; }
    else if (name === "ends") { const plan = state.plans[first]; plan.ends = number(); if (plan.ends !== null && plan.start > plan.ends) plan.start = plan.ends; }
    else {
      const plan = state.plans[first], value = control.type === "range" ? stop() : control.value;
      if (value === data.presets[plan.preset][name][0]) delete plan.levers[name]; else plan.levers[name] = value;
    }
  };

  /* ------------------------------------------------------------------------------------------------------ asking */

  let under_way = null, waiting = 0;

  const post = (path, body, signal) => fetch(path, { method: "POST", signal, cache: "no-store",
    headers: { "content-type": "application/json", "x-qicsim-secret": secret },
    body: JSON.stringify({ tab, language: data.language, ask: state, ...body }) });

  const tell = (said, failed = false) => {
    find("status").textContent = said;
    find("status").classList.toggle("failed", failed);
    if (failed) find("spoken").textContent = said;
  };

  const lines = async function* (answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n");
      rest = parts.pop();
      for (const part of parts) yield JSON.parse(part);
    }
  };

  /* What a stream says, line by line; a refusal and a server that is gone are told in words. */
  const follow = async (answer, heard, signal) => {
    try {
      const found = await answer;
      if (!found.ok) { tell(found.status === 403 ? data.words.locked : await found.text(), true); return; }
      for await (const one of lines(found)) {
        if (signal?.aborted) return;
        if (one.error) tell(fill(data.words.failed, one), true); else heard(one);
      }
    } catch (error) {
      if (error.name !== "AbortError") tell(data.words.stopped, true);
    }
  };

  const ask = () => {
    under_way?.abort();
    const now = under_way = new AbortController();
    let heard = 0;
    find("results").setAttribute("aria-busy", "true");
    tell(data.words.waiting);
    follow(post("/run", {}, now.signal), (one) => {
      show(one);
      if (heard++ === 0 || one.last) find("spoken").textContent = one.said;
    }, now.signal).finally(() => { if (now === under_way) find("results").removeAttribute("aria-busy"); });
  };

  const soon = () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); };

  const change = (how) => {
    before.push(copy(state));
    if (before.length > STEPS_BACK) before.shift();
    how();
    showControls();
    remember();
    soon();
  };

  /* ------------------------------------------------------------------------------------------------------ showing */

  const make = (name, said, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = said;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  const show = (one) => {
    find("results").removeAttribute("aria-busy");
    tell(one.status);
    for (const key of PLANS) {
      const tiles = one.tiles[key];
      find(`result-${key}`).hidden = !tiles;
      if (!tiles) continue;
      find(`title-${key}`).textContent = one.scenarios[one.names.indexOf(`what-if-${key.toLowerCase()}`)];
      find(`warnings-${key}`).replaceChildren(...one.warnings[key].map((said) => make("li", said)));
      find(`tiles-${key}`).replaceChildren(...tiles.map((tile) => {
        const box = make("div", "", { "data-tile": tile.key });
        box.append(make("h3", tile.head), make("p", tile.big, { class: "big" }), ...tile.small.map((said) => make("p", said)));
        return box;
      }));
    }
    find("payments").textContent = one.payments;
    const { n, names, scenarios, values } = one;
    dispatchEvent(new CustomEvent("qicsim-numbers", { detail: { n, names, scenarios, values } }));
  };

  /* ------------------------------------------------------------------------------------------------------- making */

  const save = async (path, name, body = {}) => {
    const answer = await post(path, body).catch(() => null);
    if (!answer) { tell(data.words.stopped, true); return; }
    if (!answer.ok) { tell(answer.status === 403 ? data.words.locked : fill(data.words.failed, await answer.json()), true); return; }
    const link = make("a", "", { href: URL.createObjectURL(await answer.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const produce = (path, body = {}) => {
    find("made").textContent = data.words.waiting;
    follow(post(path, body), (one) => { find("made").textContent = one.file ? one.said : fill(data.words.making, one); });
  };

  find("moves").addEventListener("submit", (event) => event.preventDefault());
  find("moves").addEventListener("input", ({ target }) => { if (target.id) change(() => take(target)); });
  find("moves").addEventListener("click", ({ target }) => {
    const plan = target.dataset?.plan;
    if (target.classList.contains("save-toml")) save("/toml", `what-if-${plan.toLowerCase()}.toml`, { plan });
    if (target.classList.contains("make-plan")) produce("/make/plan", { plan });
  });
  find("save-costs").addEventListener("click", () => save("/costs", "unit-costs.csv"));
  find("make-page").addEventListener("click", () => produce("/make/page"));
  find("link").addEventListener("click", () => navigator.clipboard.writeText(location.href)
    .then(() => { find("made").textContent = data.words.copied; }, () => { find("made").textContent = data.words.link; }));
  find("reset").addEventListener("click", () => { change(() => { state = copy(data.first); }); find("made").textContent = data.words.reset; });
  const undo = () => {
    if (!before.length) return;
    state = before.pop();
    showControls();
    remember();
    soon();
    find("made").textContent = data.words.undone;
  };
  find("undo").addEventListener("click", undo);
  addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); undo(); } });
  addEventListener("hashchange", () => { if (!takeSecret()) recall(); showControls(); ask(); });
  addEventListener("pagehide", () => under_way?.abort());

  if (matchMedia("(max-width: 60rem)").matches) find("plan-A").open = false; /* results stand below the controls */
  recall();
  showControls();
  remember();
  ask();
})();
