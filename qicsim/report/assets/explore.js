"use strict";
/* Choose and look: draws scenario, indicator, place and year from the numbers inside the page; shows what a mark tells.
   Nothing is fetched and nothing is stored. Texts come with the numbers, in the language of the page. */
(() => {
  const data = JSON.parse(document.getElementById("explore-data").textContent);
  const find = (id) => document.getElementById(id);
  const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);
  /* A number with a decimal for the nation, without one for a province, which has few facilities. */
  const number = (tenths, place = 0) => (tenths / 10).toFixed(place ? 0 : 1).replace(/^-(?=0(\.0)?$)/, "").replace("-", "−");
  const signed = (tenths, place = 0) => (Number((tenths / 10).toFixed(place ? 0 : 1)) > 0 ? "+" : "") + number(tenths, place);

  /* ------------------------------------------------------------------------------------------------- elements */

  const make = (name, attributes = {}, ...children) => {
    const space = /^(svg|g|rect|line|circle|polyline|polygon|text)$/.test(name) ? "http://www.w3.org/2000/svg"
      : "http://www.w3.org/1999/xhtml";
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const write = (x, y, said, attributes = {}) => make("text", { x, y, "font-size": 12, fill: data.colours.ink, ...attributes }, said);

  /* -------------------------------------------------------------------------------------- what a mark tells */

  const tip = make("div", { class: "tip", "aria-hidden": "true", hidden: "" });
  document.body.append(tip);

  const tell = (event) => {
    const mark = event.target.closest?.(".mark");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.getAttribute("aria-label");
    const box = mark.getBoundingClientRect();
    const left = Math.min(Math.max(box.left + box.width / 2 - tip.offsetWidth / 2, 8), document.documentElement.clientWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 0 ? above : box.bottom + 8) + scrollY}px`;
  };
  for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, tell);
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
  for (const title of document.querySelectorAll(".mark > title")) title.remove(); /* the same is told here */

  /* -------------------------------------------------------------------------------------------------- choices */

  const picks = { scenario: find("pick-scenario"), indicator: find("pick-indicator"), place: find("pick-place"), show: find("pick-show") };
  const options = { scenario: data.scenarios, indicator: data.indicators.map(([label]) => label), place: data.places,
    show: [data.words.level, data.words.gain] };
  for (const [key, labels] of Object.entries(options))
    picks[key].append(...labels.map((label, at) => make("option", { value: at }, label)));
  picks.scenario.value = data.start;
  const years = find("pick-year");
  Object.assign(years, { min: data.years[0], max: data.years[data.years.length - 1], value: data.end });

  const chosen = () => ({
    scenario: Number(picks.scenario.value), indicator: Number(picks.indicator.value),
    place: Number(picks.place.value), year: data.years.indexOf(Number(years.value)), gain: picks.show.value === "1" && picks.scenario.value !== "0",
  });

  /* Mean, low, high of a scenario, and of its difference from the reference; null where there is none. */
  const cell = (scenario, indicator, place, year) => {
    const found = data.values[scenario][indicator][place].slice(year * 6, year * 6 + 6);
    return found.length && found[0] !== null ? found : null;
  };

  /* Mean, low, high of what is shown: the scenario, or what it has more than the reference. */
  const shownOf = (scenario, { indicator, gain }, place, year) => {
    const found = cell(scenario, indicator, place, year);
    const chosen = found && (gain ? found.slice(3) : found.slice(0, 3));
    return chosen && chosen[0] !== null ? chosen : null;
  };

  const said = (scenario, { gain }, place, year, found) => {
    const how = gain ? signed : number, [value, low, high] = found.map((one) => how(one, place));
    return fill(gain ? data.words.marked_gain : data.words.mark, { scenario: data.scenarios[scenario], place: data.places[place], year: data.years[year], n: data.n, value, low, high });
  };

  /* ---------------------------------------------------------------------------------------------------- words */

  const readout = ({ scenario, indicator, place, year }) => {
    const here = cell(scenario, indicator, place, year), there = cell(0, indicator, place, year);
    if (!here) return data.words.none;
    const fields = { place: data.places[place], year: data.years[year], n: data.n, level: data.level,
      indicator: `${data.indicators[indicator][0]} (${data.words[data.indicators[indicator][1]]})`,
      scenario: data.scenarios[scenario], value: number(here[0], place), low: number(here[1], place), high: number(here[2], place) };
    if (scenario === 0 || !there) return fill(data.words.alone, fields);
    return fill(data.words.readout, { ...fields, reference: number(there[0], place), reference_low: number(there[1], place),
      reference_high: number(there[2], place), gain: signed(here[3], place), gain_low: signed(here[4], place), gain_high: signed(here[5], place) });
  };

  const between = (mean, low, high, how, place) => low === high ? how(mean, place)
    : fill(data.words.interval, { value: how(mean, place), low: how(low, place), high: how(high, place) });

  const table = ({ scenario, indicator, place }) => {
    const others = scenario === 0 ? [] : [0];
    const heads = [data.words.year, data.scenarios[scenario], ...others.flatMap(() => [data.scenarios[0], data.words.difference])];
    const rows = data.years.map((label, year) => {
      const here = cell(scenario, indicator, place, year), there = cell(0, indicator, place, year);
      const cells = [here ? between(here[0], here[1], here[2], number, place) : "–"];
      if (scenario !== 0) cells.push(there ? between(there[0], there[1], there[2], number, place) : "–",
        here && there ? between(here[3], here[4], here[5], signed, place) : "–");
      return make("tr", {}, make("th", { scope: "row" }, String(label)), ...cells.map((text) => make("td", {}, text)));
    });
    return make("table", {}, make("caption", {}, `${data.indicators[indicator][0]}, ${data.places[place]}`),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
  };

  /* ------------------------------------------------------------------------------------------------- pictures */

  /* The scale that holds every year of some scenarios and places: it stays as it is when the year changes. */
  const range = (choice, scenarios, places, rows) => {
    const all = scenarios.flatMap((scenario) => places.flatMap((place) => data.years.flatMap((_, year) =>
      shownOf(scenario, choice, place, year)?.slice(0, rows) ?? [])));
    const low = Math.floor(Math.min(...all, choice.gain ? 0 : Infinity) / 100) * 100, high = Math.ceil(Math.max(...all) / 100) * 100;
    return all.length ? [low, Math.max(high, low + 100)] : [0, 1000];
  };

  const ticks = (low, high) => {
    const step = [100, 200, 500, 1000, 2000, 5000, 10000].find((one) => (high - low) / one <= 6) ?? 20000;
    return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, at) => low + at * step);
  };

  const chart = (choice) => {
    const { scenario, indicator, place, year, gain } = choice;
    const width = Math.max(find("chart").clientWidth, 260), height = 320, left = 36, right = width - 12, bottom = height - 28;
    const shown = scenario === 0 ? [0] : gain ? [scenario] : [0, scenario];
    const [low, high] = range(choice, shown, [place], 3);
    const x = (at) => left + 8 + at * (right - left - 16) / Math.max(data.years.length - 1, 1);
    const y = (value) => bottom - (value - low) * (bottom - 14) / (high - low);
    const drawn = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": fill(data.words.picture, { indicator: data.indicators[indicator][0], place: data.places[place], year: data.years[year] }) });
    for (const value of ticks(low, high)) {
      drawn.append(make("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: "#d9d9d9" }),
        write(left - 6, y(value) + 4, String(value / 10).replace("-", "−"), { "text-anchor": "end", fill: data.colours.soft }));
    }
    data.years.forEach((label, at) => {
      if (at % Math.ceil(data.years.length * 40 / (right - left)) === 0) drawn.append(write(x(at), height - 8, label, { "text-anchor": "middle", fill: data.colours.soft }));
    });
    drawn.append(make("line", { x1: x(year), x2: x(year), y1: 14, y2: bottom, stroke: data.colours.soft, "stroke-dasharray": "2 3" }));
    for (const each of shown) drawn.append(...line(each, choice, x, y, each === 0 && scenario !== 0));
    if (gain) drawn.append(make("line", { x1: left, x2: right, y1: y(0), y2: y(0), stroke: data.colours.ink }));
    else if (scenario !== 0) drawn.append(...named(choice, x, y, right));
    return drawn;
  };

  /* Names at the ends of the two lines, the higher line's above it and the lower one's below. */
  const named = ({ scenario, indicator, place }, x, y, right) => {
    const last = (each) => data.years.map((_, at) => cell(each, indicator, place, at)).filter(Boolean).pop()?.[0];
    const [here, there] = [last(scenario), last(0)];
    if (here === undefined || there === undefined) return [];
    const halo = { "text-anchor": "end", stroke: "#fff", "stroke-width": 3, "paint-order": "stroke", "font-weight": 600 };
    const signs = [...new Intl.Segmenter().segment(data.scenarios[scenario])].map((part) => part.segment); /* clusters stay whole */
    const short = signs.length > 34 ? `${signs.slice(0, 33).join("")}…` : data.scenarios[scenario];
    return [write(right, y(here) + (here >= there ? -10 : 20), short, halo),
      write(right, y(there) + (here >= there ? 20 : -10), data.words.reference, { ...halo, fill: data.colours.soft })];
  };

  const line = (scenario, choice, x, y, plain) => {
    const { indicator, place } = choice;
    const there = data.years.map((_, at) => [at, shownOf(scenario, choice, place, at)]).filter(([, found]) => found);
    const colour = plain ? data.colours.reference : data.colours[data.indicators[indicator][2] ? "recorded" : "true"];
    const points = (row) => there.map(([at, found]) => `${x(at)},${y(found[row])}`);
    const parts = plain ? [] : [make("polygon", { points: [...points(1), ...points(2).reverse()].join(" "), fill: colour, "fill-opacity": 0.18 })];
    parts.push(make("polyline", { points: points(0).join(" "), fill: "none", stroke: colour, "stroke-width": 2.2 }));
    parts.push(...there.map(([at, found]) => make("g", { class: "mark", "aria-label": said(scenario, choice, place, at, found) },
      make("circle", { cx: x(at), cy: y(found[0]), r: 12, fill: "#fff", "fill-opacity": 0 }),
      make("circle", { cx: x(at), cy: y(found[0]), r: 3.4, fill: colour }))));
    return parts;
  };

  const tiles = (choice) => {
    const { scenario, indicator, place, year, gain } = choice;
    const side = 60, rows = Math.max(...data.tiles.map((tile) => tile[1])) + 1, columns = Math.max(...data.tiles.map((tile) => tile[2])) + 1;
    const [low, high] = range(choice, data.scenarios.map((_, at) => at), data.tiles.map(([at]) => at), 1);
    const drawn = make("svg", { viewBox: `0 0 ${columns * side} ${rows * side}`, role: "group", "aria-label": `${data.indicators[indicator][0]}, ${data.years[year]}` });
    for (const [at, row, column] of data.tiles) {
      const found = shownOf(scenario, choice, at, year);
      const step = found ? Math.round((found[0] - low) / (high - low) * (data.scale.length - 1)) : -1;
      const ink = found ? data.inks[step] : data.colours.ink;
      const tile = make("g", { class: "mark tile", role: "button", tabindex: "0", "data-place": at, "aria-pressed": at === place,
        "aria-label": found ? said(scenario, choice, at, year, found) : `${data.places[at]}: ${data.words.none}` },
        make("rect", { x: column * side + 1, y: row * side + 1, width: side - 2, height: side - 2, fill: found ? data.scale[step] : "#e8e8e8", stroke: data.colours.ink, "stroke-width": at === place ? 4 : 0 }),
        ...data.places[at].split(" ").map((part, place_) => write(column * side + side / 2, row * side + 16 + 10 * place_, part, { "text-anchor": "middle", "font-size": 10, fill: ink })),
        write(column * side + side / 2, row * side + side - 10, found ? (gain ? signed : number)(found[0], at) : "–", { "text-anchor": "middle", "font-size": 15, "font-weight": 700, fill: ink }));
      const choose = () => { picks.place.value = at; show(); find("tiles").querySelector(`[data-place="${at}"]`).focus(); };
      tile.addEventListener("click", choose);
      tile.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      drawn.append(tile);
    }
    return drawn;
  };

  const show = () => {
    const choice = chosen();
    find("shown-year").textContent = years.value;
    find("readout").textContent = readout(choice);
    find("chart").replaceChildren(chart(choice));
    const mapped = data.tiles.some(([at]) => data.values[choice.scenario][choice.indicator][at].length);
    find("tiles").replaceChildren(...(mapped ? [tiles(choice)] : []));
    find("numbers").replaceChildren(table(choice));
  };

  document.querySelector(".without-script").hidden = true;
  find("explorer").hidden = false;
  for (const control of [...Object.values(picks), years]) control.addEventListener("input", show);
  addEventListener("resize", show);
  show();
})();
