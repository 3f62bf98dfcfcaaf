"use strict";
/* Sliders of weights, by part and opened by indicator; one of a group may hold its share; sets of
   weights that are kept, side by side; the weights as YAML. */
function sliders({ model, texts, state, nodes, nodeOf, siblings, factor, weight, shareIn, usual,
  weightsOf, attempt, titleOf, say, make, short, percent, write, changed, save, published }) {
  const panel = document.getElementById("weights"), kept = document.getElementById("kept");
  const controls = new Map();
  const adjustable = new Set(model.adjustable);

  function set(node, value) {
    if (Math.abs(value - usual(node)) < 1e-12) state.factors.delete(node.at);
    else state.factors.set(node.at, value);
  }

  // What is locked keeps its share of the group: its weight follows the sum of the others.
  function hold(node, share) {
    const others = siblings(node).filter((each) => each !== node);
    const sum = others.reduce((total, each) => total + weight(each), 0);
    set(node, (share / (1 - share)) * sum / (node.weight || 1));
  }

  function moved(node, value) {
    const locked = siblings(node).find((each) => state.locked.has(each.at) && each !== node);
    const share = locked ? shareIn(locked) : 0;
    set(node, value);
    if (locked && share < 1) hold(locked, share);
    refresh(siblings(node));
    changed();
  }

  function control(node) {
    const id = `w-${node.at}`, title = titleOf(node);
    const input = make("input", { type: "range", id, min: 0, max: 3, step: 0.05 });
    const output = make("output", { htmlFor: id });
    const lock = make("input", { type: "checkbox" });
    const parts = [make("label", { htmlFor: id }, title), output, input];
    input.addEventListener("input", () => moved(node, Number(input.value)));
    if (siblings(node).length > 2) {
      lock.addEventListener("change", () => {
        for (const each of siblings(node)) state.locked.delete(each.at);
        if (lock.checked) state.locked.add(node.at);
        refresh(siblings(node));
        save();
      });
      parts.push(make("label", { className: "lock" }, lock, texts.lock,
        make("span", { className: "hidden" }, `: ${title}`)));
    }
    controls.set(node.at, { input, output, lock });
    return make("div", { className: "weight" }, ...parts);
  }

  // The parts of a group; what is inside each is made for those who open it.
  function section(group) {
    const found = [];
    for (const child of group.children) {
      if (adjustable.has(child.code)) found.push(control(child));
      if (!child.method) continue;
      if (group.children.length === 1) { found.push(...section(child)); continue; }
      if (!below(child)) continue;
      const text = say(texts.inside, { n: write(child.children.length, 0), title: titleOf(child) });
      const fold = make("details", {}, make("summary", {}, text));
      fold.addEventListener("toggle", () => {
        if (fold.open && fold.children.length === 1) {
          fold.append(...section(child));
          refresh();
        }
      });
      found.push(fold);
    }
    return found;
  }
  function below(group) {
    return group.children.some((child) => adjustable.has(child.code) || (child.method && below(child)));
  }

  function refresh(some = nodes) {
    for (const node of some) {
      const found = controls.get(node.at);
      if (!found) continue;
      const value = factor(node), share = shareIn(node), locked = state.locked.has(node.at);
      found.input.max = Math.max(3, value);
      found.input.value = value;
      found.input.disabled = locked;
      found.lock.checked = locked;
      found.lock.disabled = !locked && (share === 0 || share === 1);
      const said = { factor: short(value), share: percent(share) };
      found.output.textContent = say(texts.factor, said);
      found.input.ariaValueText = say(texts.factors, said);
    }
    if (some === nodes) sets();
  }

  // ---- sets of weights that are kept
  const written = (factors) => [...factors].map(([at, value]) =>
    `${titleOf(nodes[at])} × ${short(value)}`).join("; ") || texts.published;
  function sets() {
    kept.replaceChildren();
    if (!state.sets.length) return;
    const results = [published(), ...state.sets.map((set) => attempt(weightsOf(set.factors)))];
    const ranks = results.map((result) => result.ranks);
    const head = (name, note, ...buttons) => make("th", { scope: "col", className: "n" }, name,
      make("small", {}, note), ...buttons);
    const button = (text, name, act) => {
      const made = make("button", { type: "button" }, text, make("span", { className: "hidden" }, ` ${name}`));
      made.addEventListener("click", act);
      return made;
    };
    const heads = state.sets.map((set, i) => head(set.name, written(set.factors),
      button(texts.use, set.name, () => use(set.factors)),
      button(texts.remove, set.name, () => {
        state.sets.splice(i, 1);
        sets();
        save();
        document.getElementById("keep").focus();
      })));
    const lines = model.names.map((name, row) => make("tr", {},
      make("th", { scope: "row" }, name),
      ...ranks.map((each) => make("td", { className: each[row] === ranks[0][row] ? "n" : "n moved" },
        Number.isNaN(each[row]) ? "–" : write(each[row], 0)))));
    kept.append(make("div", { className: "scroll", role: "region", tabIndex: 0, ariaLabel: texts.sets },
      make("table", { className: "sets" }, make("caption", {}, texts.sets),
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, texts.noun),
          head(texts.published, ""), ...heads)), make("tbody", {}, ...lines))));
  }
  function use(factors) {
    state.factors = new Map(factors);
    state.locked.clear();
    refresh();
    changed();
  }
  function keep() {
    const field = document.getElementById("set-name");
    const name = field.value.trim().replace(/;/g, ",").slice(0, 60) ||
      say(texts.set, { n: state.sets.length + 1 });
    if (state.sets.length < 8 && typeof attempt(weightsOf(state.factors)) !== "string")
      state.sets.push({ name, factors: new Map(state.factors) });
    field.value = "";
    sets();
    save();
  }

  // YAML 1.1 takes 1e-7 for a text; 1.0e-7 is a number.
  const yamlNumber = (x) => String(x).replace(/^(-?\d+)e/, "$1.0e");
  function yaml() {
    const lines = model.adjustable.map((code) => {
      const node = nodeOf.get(code);
      return `  ${JSON.stringify(code)}: ${yamlNumber(weight(node))}`;
    });
    return [`framework: ${JSON.stringify(model.framework)}`, "weights:", ...lines, ""].join("\n");
  }
  function download() {
    const address = URL.createObjectURL(new Blob([yaml()], { type: "text/yaml" }));
    const link = make("a", { href: address, download: "weights.yaml" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  document.getElementById("sliders").append(...section(nodes[0]));
  document.getElementById("reset").addEventListener("click", () => use(new Map()));
  document.getElementById("keep").addEventListener("click", keep);
  document.getElementById("yaml").addEventListener("click", download);
  panel.hidden = false;
  return { refresh, yaml };
}
