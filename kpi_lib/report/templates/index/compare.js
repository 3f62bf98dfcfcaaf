"use strict";
/* Two to four cities beside each other: the total and each part, with all others behind them. */
function comparison({ model, texts, parts, engine, say, make, write, titleOf, nodes, name, total,
  current, chosen }) {
  const place = document.getElementById("compared"), hint = document.getElementById("comparing");
  const svg = (tag, facts, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(facts)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const [low, high] = model.bounds.slice(4);
  const at = (share) => Math.round(1000 * Math.min(Math.max((share - low) / (high - low), 0), 1)) / 10;

  // Points under five hundredths apart would hide each other: the later one goes a lane down.
  const lanes = (places) => places.reduce((found, x, i) => {
    let lane = 0;
    while (places.some((other, j) => j < i && found[j] === lane && Math.abs(other - x) < 5)) lane++;
    return [...found, lane];
  }, []);

  function strip(node, rows, label) {
    const result = current(), all = [];
    const share = (row) => engine.shareOf(row, node, result.points[row * nodes.length + node]);
    for (let row = 0; row < model.codes.length; row++)
      if (!rows.includes(row) && !Number.isNaN(share(row))) all.push(at(share(row)));
    const own = rows.map(share), lane = lanes(own.map(at));
    const drawn = svg("svg", { class: "strip", role: "img", "aria-label": label,
      style: `height:${30 + 16 * Math.max(0, ...lane)}px` });
    drawn.append(svg("line", { class: "axis", x1: 0, x2: "100%", y1: 15, y2: 15 }));
    for (const x of new Set(all)) drawn.append(svg("circle", { class: "o", cx: `${x}%` }));
    own.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const y = 15 + 16 * lane[i];
      drawn.append(svg("circle", { class: `pin c${i}`, cx: `${at(value)}%`, style: `cy:${y}px` }),
        svg("text", { class: "pin", x: `${at(value)}%`, y: y + 4 }, "ABCD"[i]));
    });
    return drawn;
  }

  function line(node, rows) {
    const result = current(), title = titleOf(nodes[node]);
    const points = rows.map((row) => result.points[row * nodes.length + node]);
    const shares = rows.map((row, i) => engine.shareOf(row, node, points[i]));
    const written = rows.map((row, i) =>
      node === 0 ? total(row, points[i]) : write(points[i], model.digits));
    const best = Math.max(...shares.filter((share) => !Number.isNaN(share)));
    const label = rows.map((row, i) => `${name(row)} ${written[i]}`).join("; ");
    return make("tr", { role: "row", className: node === 0 ? "total" : "" },
      make("th", { role: "rowheader", scope: "row" }, title),
      make("td", { role: "cell", className: "strips" }, strip(node, rows, label)),
      ...written.map((text, i) => make("td", { role: "cell", className: "n" },
        shares[i] === best ? make("b", {}, text) : text,
        ...(shares[i] === best ? [make("span", { className: "hidden" }, ` ${texts.best}`)] : []))));
  }

  return () => {
    const rows = chosen(), names = rows.map(name).join(", ");
    hint.textContent = rows.length > 1 ? say(texts.comparing, { names })
      : rows.length ? say(texts.onemore, { name: names }) : texts.tick;
    place.replaceChildren();
    if (rows.length < 2) return;
    const head = (text, className, ...more) =>
      make("th", { role: "columnheader", scope: "col", className }, text, ...more);
    const ticks = make("span", { className: "ticks", ariaHidden: "true" },
      ...model.ends.map((text) => make("span", {}, text)));
    const heads = rows.map((row, i) => head("", "n",
      make("span", { className: `dot c${i}`, ariaHidden: "true" }, "ABCD"[i]), name(row),
      make("small", {}, say(texts.ranks, { rank: write(current().ranks[row], 0) }))));
    place.append(make("table", { role: "table", className: "compare cards", style: `--n:${rows.length}` },
      make("caption", { className: "hidden" }, say(texts.comparing, { names })),
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" },
        head(texts.part, ""), head(texts.axis, "strips axis-head", ticks), ...heads)),
      make("tbody", { role: "rowgroup" }, ...[0, ...parts].map((node) => line(node, rows)))));
  };
}
