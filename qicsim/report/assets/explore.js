"use strict";
/* Choose and look: draws scenarios, indicator, place and year from the numbers inside the page; shows what a mark tells.
   Nothing is fetched and nothing is stored: the address holds the choice, so that a link opens the same view. Texts come
   with the numbers, in the language of the page. */
(() => {
  const data = JSON.parse(document.getElementById("explore-data").textContent);
  const find = (id) => document.getElementById(id);
  const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);
  /* A number with a decimal for the nation, without one for the level of a province, which has few facilities. */
  const number = (tenths, place = 0) => (tenths / 10).toFixed(place ? 0 : 1).replace(/^-(?=0(\.0)?$)/, "").replace("-", "−");
  const signed = (tenths) => (Number((tenths / 10).toFixed(1)) > 0 ? "+" : "") + number(tenths);

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
  const offer = (pick, labels) => pick.replaceChildren(...labels.map((label, at) => make("option", { value: at }, label)));
  offer(picks.indicator, data.indicators.map(([label]) => label));
  offer(picks.place, data.places);
  offer(picks.show, [data.words.level, data.words.gain]);
  picks.show.value = data.more ? "1" : "0";
  const years = find("pick-year");
  Object.assign(years, { min: data.years[0], max: data.years[data.years.length - 1], value: data.end });
  let boxes = [];
  /* Scenarios by their place; what was chosen stays chosen where a page that goes on running sends others. */
  const offerScenarios = () => {
    const chosen = boxes.length ? boxes.filter((box) => box.checked).map((box) => Number(box.value)) : data.beside ?? [];
    const before = boxes.length ? Number(picks.scenario.value) : data.start;
    offer(picks.scenario, data.scenarios);
    picks.scenario.value = Math.min(before, data.scenarios.length - 1);
    find("pick-others").replaceChildren(...data.scenarios.map((label, at) =>
      make("label", { class: "entry" }, make("input", { type: "checkbox", value: at, "aria-label": label }), label)));
    boxes = [...find("pick-others").querySelectorAll("input")];
    for (const box of boxes) box.checked = chosen.includes(Number(box.value));
  };
  offerScenarios();

  /* `others` are further scenarios in the chart, beside the one that words, map and table are of. */
  const chosen = () => ({
    scenario: Number(picks.scenario.value), indicator: Number(picks.indicator.value),
    place: Number(picks.place.value), year: data.years.indexOf(Number(years.value)), gain: picks.show.value === "1" && picks.scenario.value !== "0",
    others: boxes.filter((box) => box.checked && box.value !== picks.scenario.value).map((box) => Number(box.value)),
  });

  /* What has no numbers cannot be chosen: an indicator of the nation alone, a place that a scenario does not have. */
  const allow = ({ scenario, indicator, place }) => {
    const there = (one, at) => data.values[scenario][one][at].length > 0;
    [...picks.indicator.options].forEach((option, at) => { option.disabled = !there(at, place); });
    [...picks.place.options].forEach((option, at) => { option.disabled = !there(indicator, at); });
    [...picks.show.options].forEach((option, at) => { option.disabled = at === 1 && scenario === 0; });
    for (const box of boxes) box.disabled = box.value === picks.scenario.value;
  };

  /* ------------------------------------------------------------------------------------------------- the address */

  const START = "#explore:";
  const remember = ({ scenario, indicator, place, gain, others }) => {
    const told = new URLSearchParams(location.hash.startsWith(START) ? location.hash.slice(START.length) : "");
    const own = { plan: data.names[scenario], show: data.keys[indicator], place: data.regions[place], year: years.value,
      gain: gain ? "1" : "", with: others.map((at) => data.names[at]).join(" ") };
    for (const [name, value] of Object.entries(own)) if (value) told.set(name, value); else told.delete(name);
    try { history.replaceState(null, "", START + told); } catch { /* a page inside another has no address of its own */ }
  };

  const recall = () => {
    if (!location.hash.startsWith(START)) return;
    const told = new URLSearchParams(location.hash.slice(START.length));
    if (!told.has("plan")) return; /* the address holds other things */
    const place = (names, name) => names.indexOf(told.get(name) ?? "");
    for (const [pick, names, name] of [["scenario", data.names, "plan"], ["indicator", data.keys, "show"], ["place", data.regions, "place"]])
      if (place(names, name) >= 0) picks[pick].value = place(names, name);
    if (data.years.includes(Number(told.get("year")))) years.value = told.get("year");
    picks.show.value = told.get("gain") === "1" ? "1" : "0";
    const others = (told.get("with") ?? "").split(" ");
    for (const box of boxes) box.checked = others.includes(data.names[box.value]);
    const { scenario, indicator, place: at } = chosen();
    if (!data.values[scenario][indicator][at].length) picks.place.value = 0;
    find("explorer").closest("section")?.scrollIntoView();
  };

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
      reference_high: number(there[2], place), gain: signed(here[3]), gain_low: signed(here[4]), gain_high: signed(here[5]) });
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
    if (!all.length) return [0, 1000];
    const least = Math.min(...all, choice.gain ? 0 : Infinity), most = Math.max(...all), step = most - least > 200 ? 100 : 10;
    const low = Math.floor(least / step) * step;
    return [low, Math.max(Math.ceil(most / step) * step, low + step)];
  };

  const ticks = (low, high) => {
    const step = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find((one) => (high - low) / one <= 6) ?? 20000;
    return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, at) => low + at * step);
  };

  const chart = (choice) => {
    const { scenario, indicator, place, year, gain, others } = choice;
    const width = Math.max(find("chart").clientWidth, 260), height = 320, left = 36, right = width - 12, bottom = height - 28;
    const shown = [...new Set([...(gain ? [] : [0]), ...others.filter((one) => one !== 0 || !gain), scenario])];
    const [low, high] = range(choice, shown, [place], 3);
    const x = (at) => left + 8 + at * (right - left - 16) / Math.max(data.years.length - 1, 1);
    const y = (value) => bottom - (value - low) * (bottom - 14) / (high - low);
    const drawn = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": fill(data.words.picture, { indicator: data.indicators[indicator][0], place: data.places[place], year: data.years[year] }) });
    const unstudied = data.years.findIndex((label) => Number(label) >= data.beyond);
    if (unstudied >= 0) {
      const from = unstudied ? (x(unstudied - 1) + x(unstudied)) / 2 : left;
      drawn.append(make("rect", { x: from, y: 14, width: right - from, height: bottom - 14, fill: data.colours.soft, "fill-opacity": 0.13 }));
    }
    for (const value of ticks(low, high)) {
      drawn.append(make("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: "#d9d9d9" }),
        write(left - 6, y(value) + 4, String(value / 10).replace("-", "−"), { "text-anchor": "end", fill: data.colours.soft }));
    }
    data.years.forEach((label, at) => {
      if (at % Math.ceil(data.years.length * 40 / (right - left)) === 0) drawn.append(write(x(at), height - 8, label, { "text-anchor": "middle", fill: data.colours.soft }));
    });
    drawn.append(make("line", { x1: x(year), x2: x(year), y1: 14, y2: bottom, stroke: data.colours.soft, "stroke-dasharray": "2 3" }));
    for (const each of shown) drawn.append(...line(each, choice, x, y, colourOf(each, choice)));
    if (gain) drawn.append(make("line", { x1: left, x2: right, y1: y(0), y2: y(0), stroke: data.colours.ink }));
    return drawn;
  };

  /* The scenario in the colour of truth or record, the reference in grey, others in colours that can be told apart. */
  const colourOf = (scenario, { scenario: own, indicator, others }) => {
    const first = data.colours[data.indicators[indicator][2] ? "recorded" : "true"];
    if (scenario === own) return first;
    if (scenario === 0) return data.colours.reference;
    const rest = data.colours.lines.filter((one) => one !== first);
    return rest[others.filter((one) => one !== 0).indexOf(scenario) % rest.length];
  };

  const legend = (choice) => {
    const { scenario, gain, others } = choice;
    const shown = [...new Set([scenario, ...others, ...(gain ? [] : [0])])].filter((one) => one !== 0 || !gain);
    return shown.map((one) => make("span", { class: "entry" },
      make("svg", { width: 24, height: 10, "aria-hidden": "true", class: "swatch" },
        make("line", { x1: 0, x2: 24, y1: 5, y2: 5, stroke: colourOf(one, choice), "stroke-width": 3 })), data.scenarios[one]));
  };

  const line = (scenario, choice, x, y, colour) => {
    const { indicator, place } = choice, plain = scenario !== choice.scenario;
    const there = data.years.map((_, at) => [at, shownOf(scenario, choice, place, at)]).filter(([, found]) => found);
    const points = (row) => there.map(([at, found]) => `${x(at)},${y(found[row])}`);
    const parts = plain ? [] : [make("polygon", { points: [...points(1), ...points(2).reverse()].join(" "), fill: colour, "fill-opacity": 0.18 })];
    parts.push(make("polyline", { points: points(0).join(" "), fill: "none", stroke: colour, "stroke-width": 2.2 }));
    parts.push(...there.map(([at, found]) => make("g", { class: "mark", role: "img", "aria-label": said(scenario, choice, place, at, found) },
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
      const choose = () => { picks.place.value = at; show(); remember(chosen()); find("tiles").querySelector(`[data-place="${at}"]`).focus(); };
      if (!found) { drawn.append(tile); continue; }
      tile.addEventListener("click", choose);
      tile.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      drawn.append(tile);
    }
    return drawn;
  };

  /* ------------------------------------------------------------------------------------------------- downloads */

  const save = (name, blob) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const fileName = ({ scenario, indicator, place }, ending) =>
    `${data.names[scenario]}-${data.keys[indicator]}-${data.regions[place]}.${ending}`.replace(/[^\w.-]+/g, "-");

  /* A text that a spreadsheet would take for a formula begins with an apostrophe. */
  const csvCell = (text) => { const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };

  const csv = (choice) => {
    const { scenario, indicator, place, others } = choice;
    const rows = [["scenario", "title", "indicator", "unit", "place", "year", "mean", "p05", "p95", "difference", "difference_p05", "difference_p95", "n"]];
    for (const one of new Set([0, scenario, ...others])) data.years.forEach((year, at) => {
      const found = cell(one, indicator, place, at);
      if (found) rows.push([data.names[one], data.scenarios[one], data.keys[indicator], data.words[data.indicators[indicator][1]], data.places[place], year,
        ...found.map((tenths) => (tenths === null ? "" : (tenths / 10).toFixed(1))), data.n]);
    });
    return rows.map((row) => row.map((one) => csvCell(String(one))).join(",")).join("\r\n") + "\r\n";
  };

  find("save-csv").addEventListener("click", () => save(fileName(chosen(), "csv"), new Blob(["\ufeff", csv(chosen())], { type: "text/csv" })));
  find("save-png").addEventListener("click", () => {
    const drawn = find("chart").querySelector("svg").cloneNode(true), choice = chosen(), twice = 2, row = 18;
    const width = Number(drawn.getAttribute("width")), tall = Number(drawn.getAttribute("height"));
    const names = [...find("legend").querySelectorAll(".entry")], height = tall + row * (names.length + 1) + 14;
    drawn.setAttribute("height", height);
    drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawn.setAttribute("font-family", getComputedStyle(document.body).fontFamily.replaceAll('"', "'"));
    drawn.prepend(make("rect", { width, height, fill: "#fff" }));
    drawn.append(write(8, tall + 14, drawn.getAttribute("aria-label"), { "font-weight": 600 }));
    names.forEach((name, at) => {
      const y = tall + 14 + row * (at + 1), stroke = name.querySelector("line").getAttribute("stroke");
      drawn.append(make("line", { x1: 8, x2: 30, y1: y - 4, y2: y - 4, stroke, "stroke-width": 3 }), write(38, y, name.textContent));
    });
    const picture = new Image();
    picture.onload = () => {
      const canvas = make("canvas", { width: width * twice, height: height * twice });
      canvas.getContext("2d").drawImage(picture, 0, 0, width * twice, height * twice);
      canvas.toBlob((blob) => save(fileName(choice, "png"), blob));
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(drawn))}`;
  });

  const show = () => {
    const choice = chosen();
    allow(choice);
    find("shown-year").textContent = years.value;
    find("legend").replaceChildren(...legend(choice));
    find("readout").textContent = readout(choice);
    find("chart").replaceChildren(chart(choice));
    const mapped = data.tiles.some(([at]) => data.values[choice.scenario][choice.indicator][at].length);
    find("tiles").replaceChildren(...(mapped ? [tiles(choice)] : []));
    find("numbers").replaceChildren(table(choice));
  };

  /* A link to what is folded opens it. */
  const unfold = () => {
    const chapter = /^#[\w-]+$/.test(location.hash) && document.querySelector(location.hash)?.closest("section")?.querySelector(".chapter");
    if (chapter && !chapter.open) { chapter.open = true; chapter.scrollIntoView(); }
  };
  addEventListener("hashchange", unfold);
  unfold();

  document.querySelector(".without-script").hidden = true;
  find("explorer").hidden = false;
  find("explorer").addEventListener("input", () => { show(); remember(chosen()); });
  addEventListener("qicsim-numbers", ({ detail }) => { /* of a page that goes on running */
    const titles = String(data.scenarios);
    Object.assign(data, detail);
    if (String(data.scenarios) !== titles) offerScenarios();
    show();
  });
  addEventListener("resize", show);
  addEventListener("hashchange", () => { recall(); show(); });
  recall();
  show();
})();
