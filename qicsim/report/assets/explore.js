"use strict";
/* Choose and look: draws scenario, indicator, place and year from the numbers inside the page; shows what a mark tells.
   Nothing is fetched and nothing is stored. Texts come with the numbers, in the language of the page. */
(() => {
  const data = JSON.parse(document.getElementById("explore-data").textContent);
  const find = (id) => document.getElementById(id);
  const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);
  const number = (tenths) => (tenths / 10).toFixed(1).replace(/^-(?=0\.0$)/, "").replace("-", "−");
  const signed = (tenths) => (tenths > 0 ? "+" : "") + number(tenths);

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

  const picks = { scenario: find("pick-scenario"), indicator: find("pick-indicator"), place: find("pick-place") };
  const options = { scenario: data.scenarios, indicator: data.indicators.map(([label]) => label), place: data.places };
  for (const [key, labels] of Object.entries(options))
    picks[key].append(...labels.map((label, at) => make("option", { value: at }, label)));
  picks.scenario.value = data.start;
  const years = find("pick-year");
  Object.assign(years, { min: data.years[0], max: data.years[data.years.length - 1], value: data.end });

  const chosen = () => ({
    scenario: Number(picks.scenario.value), indicator: Number(picks.indicator.value),
    place: Number(picks.place.value), year: data.years.indexOf(Number(years.value)),
  });

  /* Mean, low, high of a scenario, and of its difference from the reference; null where there is none. */
  const cell = (scenario, indicator, place, year) => {
    const found = data.values[scenario][indicator][place].slice(year * 6, year * 6 + 6);
    return found.length && found[0] !== null ? found : null;
  };

  const said = (scenario, place, year, found) => fill(data.words.mark, {
    scenario: data.scenarios[scenario], place: data.places[place], year: data.years[year], n: data.n,
    value: number(found[0]), low: number(found[1]), high: number(found[2]) });

  /* ---------------------------------------------------------------------------------------------------- words */

  const readout = ({ scenario, indicator, place, year }) => {
    const here = cell(scenario, indicator, place, year), there = cell(0, indicator, place, year);
    if (!here) return data.words.none;
    const fields = { place: data.places[place], year: data.years[year], n: data.n, level: data.level,
      indicator: `${data.indicators[indicator][0]} (${data.words[data.indicators[indicator][1]]})`,
      scenario: data.scenarios[scenario], value: number(here[0]), low: number(here[1]), high: number(here[2]) };
    if (scenario === 0 || !there) return fill(data.words.alone, fields);
    return fill(data.words.readout, { ...fields, reference: number(there[0]), reference_low: number(there[1]),
      reference_high: number(there[2]), gain: signed(here[3]), gain_low: signed(here[4]), gain_high: signed(here[5]) });
  };

  const between = (mean, low, high, how) => fill(data.words.interval, { value: how(mean), low: how(low), high: how(high) });

  const table = ({ scenario, indicator, place }) => {
    const others = scenario === 0 ? [] : [0];
    const heads = [data.words.year, data.scenarios[scenario], ...others.flatMap(() => [data.scenarios[0], data.words.difference])];
    const rows = data.years.map((label, year) => {
      const here = cell(scenario, indicator, place, year), there = cell(0, indicator, place, year);
      const cells = [here ? between(here[0], here[1], here[2], number) : "–"];
      if (scenario !== 0) cells.push(there ? between(there[0], there[1], there[2], number) : "–",
        here && there ? between(here[3], here[4], here[5], signed) : "–");
      return make("tr", {}, make("th", { scope: "row" }, String(label)), ...cells.map((text) => make("td", {}, text)));
    });
    return make("table", {}, make("caption", {}, `${data.indicators[indicator][0]}, ${data.places[place]}`),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
  };

  /* ------------------------------------------------------------------------------------------------- pictures */

  const range = (indicator, scenarios, places, at) => {
    const all = scenarios.flatMap((scenario) => places.flatMap((place) => data.years.flatMap((_, year) => {
      const found = at === undefined || at === year ? cell(scenario, indicator, place, year) : null;
      return found ? found.slice(0, at === undefined ? 3 : 1) : [];
    })));
    const low = Math.floor(Math.min(...all) / 100) * 100, high = Math.ceil(Math.max(...all) / 100) * 100;
    return all.length ? [low, Math.max(high, low + 100)] : [0, 1000];
  };

  const chart = (choice) => {
    const { scenario, indicator, place, year } = choice;
    const width = Math.max(find("chart").clientWidth, 260), height = 320, left = 36, right = width - 12, bottom = height - 28;
    const shown = scenario === 0 ? [0] : [0, scenario];
    const [low, high] = range(indicator, shown, [place]);
    const x = (at) => left + 8 + at * (right - left - 16) / Math.max(data.years.length - 1, 1);
    const y = (value) => bottom - (value - low) * (bottom - 14) / (high - low);
    const drawn = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": fill(data.words.picture, { indicator: data.indicators[indicator][0], place: data.places[place], year: data.years[year] }) });
    for (let value = low; value <= high; value += (high - low > 400 ? 200 : 100)) {
      drawn.append(make("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: "#d9d9d9" }),
        write(left - 6, y(value) + 4, value / 10, { "text-anchor": "end", fill: data.colours.soft }));
    }
    data.years.forEach((label, at) => {
      if (at % Math.ceil(data.years.length * 40 / (right - left)) === 0) drawn.append(write(x(at), height - 8, label, { "text-anchor": "middle", fill: data.colours.soft }));
    });
    drawn.append(make("line", { x1: x(year), x2: x(year), y1: 14, y2: bottom, stroke: data.colours.soft, "stroke-dasharray": "2 3" }));
    for (const each of shown) drawn.append(...line(each, choice, x, y, each === 0 && scenario !== 0));
    if (scenario !== 0) drawn.append(...named(choice, x, y, right));
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

  const line = (scenario, { indicator, place }, x, y, plain) => {
    const there = data.years.map((_, at) => [at, cell(scenario, indicator, place, at)]).filter(([, found]) => found);
    const colour = plain ? data.colours.reference : data.colours[indicator % 2 && indicator < 4 ? "recorded" : "true"];
    const points = (row) => there.map(([at, found]) => `${x(at)},${y(found[row])}`);
    const parts = plain ? [] : [make("polygon", { points: [...points(1), ...points(2).reverse()].join(" "), fill: colour, "fill-opacity": 0.18 })];
    parts.push(make("polyline", { points: points(0).join(" "), fill: "none", stroke: colour, "stroke-width": 2.2 }));
    parts.push(...there.map(([at, found]) => make("g", { class: "mark", "aria-label": said(scenario, place, at, found) },
      make("circle", { cx: x(at), cy: y(found[0]), r: 9, fill: "#fff", "fill-opacity": 0 }),
      make("circle", { cx: x(at), cy: y(found[0]), r: 3.4, fill: colour }))));
    return parts;
  };

  const tiles = ({ scenario, indicator, place, year }) => {
    const side = 60, rows = Math.max(...data.tiles.map((tile) => tile[1])) + 1, columns = Math.max(...data.tiles.map((tile) => tile[2])) + 1;
    const all = data.scenarios.map((_, at) => at);
    const [low, high] = range(indicator, all, data.tiles.map(([at]) => at), year);
    const drawn = make("svg", { viewBox: `0 0 ${columns * side} ${rows * side}`, role: "group", "aria-label": `${data.indicators[indicator][0]}, ${data.years[year]}` });
    for (const [at, row, column] of data.tiles) {
      const found = cell(scenario, indicator, at, year);
      const step = found ? Math.round((found[0] - low) / (high - low) * (data.scale.length - 1)) : -1;
      const ink = found ? data.inks[step] : data.colours.ink;
      const tile = make("g", { class: "mark tile", role: "img", "aria-label": found ? said(scenario, at, year, found) : `${data.places[at]}: ${data.words.none}` },
        make("rect", { x: column * side + 1, y: row * side + 1, width: side - 2, height: side - 2, fill: found ? data.scale[step] : "#e8e8e8", stroke: data.colours.ink, "stroke-width": at === place ? 4 : 0 }),
        ...data.places[at].split(" ").map((part, place_) => write(column * side + side / 2, row * side + 16 + 10 * place_, part, { "text-anchor": "middle", "font-size": 9.4, fill: ink })),
        write(column * side + side / 2, row * side + side - 10, found ? Math.round(found[0] / 10) : "–", { "text-anchor": "middle", "font-size": 15, "font-weight": 700, fill: ink }));
      tile.addEventListener("click", () => { picks.place.value = at; show(); });
      drawn.append(tile);
    }
    return drawn;
  };

  const show = () => {
    const choice = chosen();
    find("shown-year").textContent = years.value;
    find("readout").textContent = readout(choice);
    find("chart").replaceChildren(chart(choice));
    find("tiles").replaceChildren(...(data.tiles.length ? [tiles(choice)] : []));
    find("numbers").replaceChildren(table(choice));
  };

  document.querySelector(".without-script").hidden = true;
  find("explorer").hidden = false;
  for (const control of [...Object.values(picks), years]) control.addEventListener("input", show);
  addEventListener("resize", show);
  show();
})();
