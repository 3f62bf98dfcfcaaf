"use strict";
/* The index at work: search, filters, order, comparison, weights that are tried, and the state in
   the address. It asks for nothing; what it is given stands in the elements #model and #texts. */
(() => {
  const $ = (selector) => document.querySelector(selector);
  const read = (id) => JSON.parse($(id).textContent);
  const model = read("#model"), texts = read("#texts");
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const plain = (text) =>
    text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");
  const make = (tag, facts = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(facts))
      key in element ? (element[key] = value) : element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const write = (x, digits) => {
    if (Number.isNaN(x)) return "–";
    const [whole, rest] = Math.abs(halfUp(x, digits)).toFixed(digits).split(".");
    const groups = whole.replace(/\B(?=(\d{3})+$)/g, model.group);
    const minus = halfUp(x, digits) < 0 ? "−" : "";
    return minus + groups + (rest ? model.decimal + rest : "");
  };
  const short = (x) => String(Number(x.toFixed(2))).replace(".", model.decimal);
  const percent = (share) => `${Math.round(100 * share)}%`;
  // Never rounded up to a full 100 or down to 0.
  const covered = (share) => Number.isNaN(share) ? "–" : percent(
    share < 1 - 1e-9 && share > 1e-9 ? Math.min(Math.max(share, 0.01), 0.99) : share);

  const table = $("#cities"), body = table.tBodies[0], rows = [...body.rows];
  const engine = model.scores ? scorer(model) : null;
  const nodes = engine ? engine.nodes : [];
  const nodeOf = new Map(nodes.map((node) => [node.code, node]));
  const parts = model.parts.map((code) => nodeOf.get(code).at);
  const columns = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.key);
  const column = (key) => columns.indexOf(key);
  const rowOf = new Map(model.codes.map((code, i) => [code, i]));
  const listed = model.codes.length;
  const placeOf = new Map(rows.map((row, i) => [row, i]));
  const SHORT = table.classList.contains("short") ? 50 : Infinity; // as index.css has it
  const more = make("button", { type: "button", className: "more", hidden: true });
  table.parentElement.after(more);
  table.classList.remove("short");
  let ordered = [...rows.keys()], out = new Set();
  let touched = false; // whether other weights than the published ones were ever shown
  const tiles = [...document.querySelectorAll("[data-at]")].map((tile) => ({
    row: Number(tile.dataset.at), text: tile.querySelector("b"), shade: tile.querySelector("i") ?? tile }));
  let first = null; // what follows from the published weights, once it is asked for
  const published = () => (first ??= attempt(nodes.map((node) => node.weight)));
  const current = () => now ?? published();

  // All that a reader can change. A weight is a factor of the published one; of one that is 0,
  // the weight itself.
  const state = { factors: new Map(), locked: new Set(), chosen: [], sets: [], sort: "rank",
    all: false };
  let now = null, told = "";

  function usual(node) { return node.weight > 0 ? 1 : 0; }
  function factor(node, factors = state.factors) { return factors.get(node.at) ?? usual(node); }
  function weight(node, factors) { return factor(node, factors) * (node.weight || 1); }
  function weightsOf(factors) { return nodes.map((node) => weight(node, factors)); }
  function siblings(node) { return nodes[node.parent].children; }
  function shareIn(node) {
    const all = siblings(node).reduce((sum, each) => sum + weight(each), 0);
    return all > 0 ? weight(node) / all : 0;
  }
  function titleOf(node) { return node.at === 0 ? texts.total : node.title; }

  // Scores under some weights, or the text that says why there are none.
  function attempt(weights) {
    const empty = engine.groups.find((group) =>
      !(model.points && group.most === 0) && group.children.every((child) => !(weights[child.at] > 0)));
    if (empty) return say(texts.empty, { title: titleOf(empty) });
    try {
      return engine.score(weights);
    } catch (group) {
      if (!group.method) throw group;
      return say(texts.unfit, { title: titleOf(group) });
    }
  }

  function total(row, points) {
    if (model.shown === "points" || !model.points) return write(points, model.digits);
    const share = engine.shareOf(row, 0, points);
    return model.shown === "percent" ? write(share, 2) : write(share / 100, 4);
  }
  function stepOf(share) {
    return Number.isNaN(share) ? "" : `h${model.bounds.slice(0, 4).filter((b) => share >= b).length}`;
  }

  // Set only what differs: a change of text costs more than all the arithmetic.
  function put(cell, text) { if (cell.textContent !== text) cell.textContent = text; }

  function show() {
    if (!touched && !state.factors.size) return;
    touched = true;
    document.body.classList.toggle("tried", state.factors.size > 0);
    if (trial) $("#of-published").hidden = !state.factors.size;
    const result = current(), points = result.points;
    const at = { rank: column("rank"), score: column("score"), low: column("low"), part: column("0"),
      coverage: column("coverage") };
    for (const line of body.rows) {
      const row = placeOf.get(line);
      if (row >= listed) continue;
      const start = row * nodes.length, rank = result.ranks[row];
      const cells = line.cells, moved = published().ranks[row] - rank;
      const text = Number.isNaN(rank) ? "–" : write(rank, 0);
      const arrow = moved ? ` ${moved > 0 ? "▲" : "▼"}${Math.abs(moved)}` : "";
      if (cells[at.rank].textContent !== text + arrow) {
        cells[at.rank].textContent = text;
        if (arrow) cells[at.rank].append(make("span", { className: moved > 0 ? "up" : "down" }, arrow));
      }
      put(cells[at.score], total(row, points[start]));
      if (at.coverage >= 0) put(cells[at.coverage], covered(result.coverage[row]));
      if (at.low >= 0) cells[at.low].style.setProperty("--r", Number.isNaN(rank) ? 0 : rank);
      parts.forEach((node, i) => {
        const cell = cells[at.part + i];
        put(cell, write(points[start + node], model.digits));
        const step = `n ${stepOf(engine.shareOf(row, node, points[start + node]))}`.trim();
        if (cell.className !== step) cell.className = step;
      });
    }
    for (const { row, text, shade } of tiles) {
      const score = points[row * nodes.length], step = stepOf(engine.shareOf(row, 0, score));
      if (text) put(text, total(row, score));
      if (shade.className !== step) shade.className = step;
    }
  }

  // ---- order, search, filters
  const sorted = { rank: (row) => (now ? now.ranks[row] : row), low: (row) => model.low[row],
    score: (row) => -engine.shareOf(row, 0, current().points[row * nodes.length]),
    coverage: (row) => -((engine ? current().coverage : model.coverage)[row] ?? NaN),
    change: (row) => model.change[row] === null ? null : -model.change[row],
    period: (row) => -model.periods[row] };
  function order() {
    const down = state.sort.startsWith("-"), key = state.sort.replace("-", "");
    const sign = down ? -1 : 1, lang = document.documentElement.lang;
    const name = (row) => rows[row].cells[column("city")].textContent;
    const value = sorted[key] ?? ((row) =>
      -engine.shareOf(row, parts[Number(key)], current().points[row * nodes.length + parts[Number(key)]]));
    const known = rows.map((_, row) => (row < listed && key !== "city" ? value(row) ?? NaN : NaN));
    const found = [...rows.keys()];
    if (key === "city") found.sort((a, b) => sign * name(a).localeCompare(name(b), lang));
    else found.sort((a, b) => {
      const x = Number.isNaN(known[a]), y = Number.isNaN(known[b]);
      return x || y ? x - y || a - b : sign * (known[a] - known[b]) || a - b;
    });
    ordered = found;
    seat();
    for (const head of table.tHead.rows[0].cells) {
      const way = head.dataset.key === key ? (natural(key) !== down ? "ascending" : "descending") : null;
      if (head.getAttribute("aria-sort") === way) continue;
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
    }
  }
  // The rows that are seen, in their order: of many the first, until more are asked for. They move
  // only where something changed, so that what has the focus keeps it.
  function seat(most = state.all ? Infinity : SHORT) {
    const left = ordered.filter((row) => !out.has(row));
    const shown = left.slice(0, most).map((row) => rows[row]);
    more.hidden = left.length <= most;
    if (!more.hidden) more.textContent = say(texts.all, { n: write(left.length, 0) });
    let at = body.firstElementChild;
    for (const row of shown) {
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    }
    while (at) {
      const last = at;
      at = at.nextElementSibling;
      last.remove();
    }
    return left.length;
  }
  // Whether the first order of a column rises: of ranks and names; scores begin with the best.
  function natural(key) { return ["rank", "city", "low"].includes(key); }
  for (const head of table.tHead.rows[0].cells) {
    if (!head.dataset.key || (head.dataset.key === "period" && !model.periods.length)) continue;
    const small = head.querySelector(".ticks");
    const button = make("button", { type: "button" });
    button.append(...[...head.childNodes].filter((node) => node !== small));
    button.addEventListener("click", () => {
      state.sort = state.sort === head.dataset.key ? `-${state.sort}` : head.dataset.key;
      order();
      show();
      save();
    });
    head.prepend(button);
  }

  const search = $("#search"), count = $("#count"), filters = ["region", "class"].map((id) => $(`#${id}`));
  const found = rows.map((row) => plain(row.cells[column("city")].textContent)); // as searched
  function filter() {
    const wanted = plain(search.value.trim());
    out = new Set([...rows.keys()].filter((row) => !found[row].includes(wanted) ||
      filters.some((choice) => choice?.value && rows[row].dataset[choice.id] !== choice.value)));
    count.textContent = say(count.dataset.text, { n: write(seat(), 0), all: write(rows.length, 0) });
  }
  more.addEventListener("click", () => {
    state.all = true;
    seat();
    show();
    body.rows[SHORT].querySelector("a, input")?.focus();
  });
  addEventListener("beforeprint", () => { seat(Infinity); show(); });
  addEventListener("afterprint", () => seat());
  for (const input of [search, ...filters])
    input?.addEventListener("input", () => { filter(); show(); save(); });

  // ---- comparison
  const compare = comparison({ model, texts, rows, parts, nodes, engine, say, make, write, titleOf,
    name: (row) => model.names[row], total, current, chosen: () => state.chosen });
  const boxes = rows.map((row, i) => {
    if (i >= listed || !engine) return null;
    const box = make("input", { type: "checkbox", ariaLabel: say(texts.pick, { name: model.names[i] }) });
    box.addEventListener("change", () => {
      state.chosen = state.chosen.filter((each) => each !== i);
      if (box.checked) state.chosen.push(i);
      choose();
      save();
    });
    row.cells[0].append(box);
    return box;
  });
  function choose() {
    boxes.forEach((box, i) => {
      if (!box) return;
      box.checked = state.chosen.includes(i);
      box.disabled = state.chosen.length > 3 && !box.checked;
    });
    if (engine) compare();
  }

  // ---- weights
  const panel = $("#weights");
  const trial = model.trial && panel
    ? sliders({ model, texts, state, nodes, nodeOf, siblings, factor, weight, shareIn, usual,
        weightsOf, attempt, titleOf, say, make, short, percent, write, changed: follow, save,
        published })
    : null;
  let timer;
  function follow() {
    const result = attempt(weightsOf(state.factors));
    if (typeof result === "string") tell(result);
    else {
      now = state.factors.size ? result : null;
      order();
      show();
      if (state.chosen.length > 1) compare();
      tell(moves());
    }
  }
  // To the eye at once, to a screen reader the outcome once: a slider fires all the time.
  function tell(text) {
    clearTimeout(timer);
    told = text;
    timer = setTimeout(() => {
      $("#told").textContent = told;
      save();
    }, 400);
  }
  function moves() {
    if (!state.factors.size) return texts.same;
    const moved = [...Array(listed).keys()].filter((row) =>
      !Number.isNaN(now.ranks[row]) && now.ranks[row] !== published().ranks[row]);
    if (!moved.length) return texts.unmoved;
    const far = (row) => Math.abs(now.ranks[row] - published().ranks[row]);
    const named = moved.sort((a, b) => far(b) - far(a) || now.ranks[a] - now.ranks[b]).slice(0, 5)
      .map((row) => say(texts.move, { name: model.names[row], from: published().ranks[row], to: now.ranks[row] }));
    const more = moved.length > 5 ? say(texts.more, { n: write(moved.length - 5, 0) }) : "";
    return say(texts.moved, { n: write(moved.length, 0), which: named.join("; ") + more });
  }

  // ---- the state in the address: weights, locks, kept sets, comparison, search, filters, order
  const factorsText = (factors) =>
    [...factors].map(([at, value]) => `${nodes[at].code}:${value}`).join(",");
  function factorsFrom(text) {
    const found = new Map();
    for (const item of (text ?? "").split(",")) {
      const at = item.lastIndexOf(":"), node = nodeOf.get(item.slice(0, at));
      const value = at > 0 && item.length > at + 1 ? Number(item.slice(at + 1)) : NaN;
      if (node && model.adjustable.includes(node.code) && value >= 0 && value <= 1e6 && value !== usual(node))
        found.set(node.at, value);
    }
    return found;
  }
  function save() {
    const held = [...state.locked].map((at) => nodes[at].code).join(",");
    const sets = state.sets.map((set) => `${set.name};${factorsText(set.factors)}`);
    const said = [["w", factorsText(state.factors)], ["k", held],
      ["c", state.chosen.map((row) => model.codes[row]).join(",")], ["q", search.value.trim()],
      ["r", filters[0]?.value], ["l", filters[1]?.value],
      ["s", state.sort === "rank" ? "" : state.sort], ...sets.map((set) => ["v", set])];
    const hash = said.filter(([, value]) => value)
      .map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ",")}`);
    history.replaceState(null, "", hash.length ? `#${hash.join("&")}` : location.pathname + location.search);
  }
  function load() {
    const said = new URLSearchParams(location.hash.slice(1));
    state.factors = trial ? factorsFrom(said.get("w")) : new Map();
    if (state.factors.size && typeof attempt(weightsOf(state.factors)) === "string") state.factors = new Map();
    const held = (said.get("k") ?? "").split(",").map((code) => nodeOf.get(code)).filter(
      (node) => node && model.adjustable.includes(node.code));
    state.locked = new Set(trial ? held.map((node) => node.at) : []);
    for (const at of state.locked) // one of a group
      for (const other of siblings(nodes[at])) if (other.at > at) state.locked.delete(other.at);
    state.chosen = [...new Set((said.get("c") ?? "").split(",").map((code) => rowOf.get(code)))]
      .filter((row) => row !== undefined && boxes[row]).slice(0, 4);
    state.sets = (trial ? said.getAll("v") : []).slice(0, 8).map((text) => {
      const at = text.lastIndexOf(";");
      return { name: text.slice(0, Math.max(at, 0)).slice(0, 60), factors: factorsFrom(text.slice(at + 1)) };
    }).filter((set) => set.name && typeof attempt(weightsOf(set.factors)) !== "string");
    search.value = said.get("q") ?? "";
    filters.forEach((choice, i) => {
      const value = said.get("rl"[i]) ?? "";
      if (choice) choice.value = [...choice.options].some((each) => each.value === value) ? value : "";
    });
    const key = said.get("s") ?? "rank";
    state.sort = column(key.replace("-", "")) > 0 && /^-?\w+$/.test(key) ? key : "rank";
    if (engine) {
      now = state.factors.size ? attempt(weightsOf(state.factors)) : null;
    }
    trial?.refresh();
    filter();
    order();
    show();
    choose();
    if (trial) $("#told").textContent = moves();
  }
  addEventListener("hashchange", load);
  load();
  if (trial) setTimeout(published, 200); // so that the first slider moves as quickly as the others
})();
