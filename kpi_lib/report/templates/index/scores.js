"use strict";
/* Scores of all cities under other weights, as kpi_lib.scoring does them: the same policies for
   what is missing, least coverage, decimals and ties. `scorer(model).score(weights)` takes a weight
   for each node; model is what kpi_lib/report/index/trial.py gives. */

// Twelve digits say whether two numbers agree.
const digits12 = (x) => (Number.isFinite(x) && x !== 0 ? Number(x.toPrecision(12)) : x);

// A half on paper is one, whatever the last bit says, and goes away from 0.
const halfUp = (x, decimals) => {
  const unit = 10 ** decimals;
  return (Math.sign(x) * Math.floor(digits12(Math.abs(x) * unit) + 0.5)) / unit;
};

const floats = (base64) => {
  const text = atob(base64);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return new Float64Array(bytes.buffer);
};

// The mean of the scores that are there (`parts`), by weights that sum to 1 (`share`). The arithmetic
// mean and the sum are taken on the way (`climb`): they are most of the work.
const means = {
  geometric: (parts, share) =>
    Math.exp(parts.reduce((sum, part, i) => sum + share[i] * Math.log(part), 0)),
  harmonic: (parts, share) => 1 / parts.reduce((sum, part, i) => sum + share[i] / part, 0),
  power(parts, share, p) {
    if (p === 0) return means.geometric(parts, share);
    let lead = p > 0 ? Math.max(...parts) : Math.min(...parts);
    if (!(lead > 0)) lead = 1;
    const mean = parts.reduce((sum, part, i) => sum + share[i] * (part / lead) ** p, 0);
    return mean > 0 ? lead * mean ** (1 / p) : p > 0 ? 0 : lead;
  },
  min: (parts) => Math.min(...parts),
  max: (parts) => Math.max(...parts),
};

// Whether a mean can take a score.
const takes = (method, p, score) =>
  method === "geometric" || method === "harmonic" || (method === "power" && p <= 0)
    ? score > 0
    : method !== "power" || score >= 0;

function scorer(model) {
  const nodes = model.nodes.map(([code, title, parent, weight, most, ...own], at) => ({
    code, title, parent, weight, most, at, children: [],
    ...(typeof own[0] === "string"
      ? { method: own[0], p: own[1], cap: own[2], floor: own[3] }
      : { leaf: own[0], scorable: own[1] === 1 }),
  }));
  for (const node of nodes) if (node.parent >= 0) nodes[node.parent].children.push(node);
  const groups = nodes.filter((node) => node.method).reverse(); // children before parents
  for (const group of groups) // groups, then indicators, as the library sums them
    group.children.sort((a, b) => (a.method ? 0 : 1) - (b.method ? 0 : 1) || a.at - b.at);
  const leaves = nodes.filter((node) => !node.method);
  const scores = floats(model.scores);
  const count = leaves.length ? scores.length / leaves.length : 0;
  const score = (row, leaf) => scores[row * leaves.length + leaf.leaf];
  const imputed = new Set(model.imputed);
  const filled = fill(model, leaves, score, count);
  const leftOut = model.policy === "rescale" || model.policy === "strict";

  const enough = (cover) =>
    (model.least > 0 || model.policy !== "zero" ? cover > 0 : !Number.isNaN(cover)) &&
    cover >= model.least - 1e-9;

  // What is true of a city whatever the weights are: which nodes apply, and their most points.
  const facts = Array.from({ length: count }, (_, row) => {
    const applies = new Uint8Array(nodes.length), most = new Float64Array(nodes.length);
    for (const leaf of leaves) {
      const there = score(row, leaf) !== Infinity;
      applies[leaf.at] = there && (!model.points || leaf.scorable) ? 1 : 0;
      most[leaf.at] = there ? leaf.most : 0;
    }
    for (const group of groups) {
      const below = group.children.map((child) => most[child.at]);
      const whole = group.method === "max" ? Math.max(0, ...below) : below.reduce((a, b) => a + b, 0);
      most[group.at] = group.cap === null ? whole : Math.min(whole, group.cap);
      applies[group.at] = group.children.some((child) => applies[child.at]) ? 1 : 0;
    }
    return { applies, most };
  });

  // Points of a group from those of its parts (kpi_lib.scoring.points).
  function summed(group, parts, share, { applies, most }) {
    const best = group.method === "max", rescale = model.policy === "rescale" && !best;
    const own = group.children.map((child) => most[child.at]);
    const total = (values) => (best ? Math.max(...values) : values.reduce((a, b) => a + b, 0));
    const ratio = own.map((max, i) => (max > 0 ? share[i] / max : 0));
    const weighed = total(ratio.map((r, i) => r * own[i]));
    const factor = total(own) / (weighed > 0 ? weighed : 1);
    const alike = own.every((max, i) => !(max > 0) || Math.abs(ratio[i] - 1) <= 1e-12);
    const weights = own.map((max, i) =>
      max > 0 ? (alike ? 1 : ratio[i] * factor) : applies[group.children[i].at]);
    let sum = best ? -Infinity : 0, seen = 0, whole = 0, added = 0;
    let any = false, extra = false, regular = false, largest = 0, less = false;
    parts.forEach((part, i) => {
      const there = !Number.isNaN(part), earned = part * weights[i];
      if (there) {
        largest = Math.max(largest, Math.abs(earned));
        less ||= earned < 0;
      }
      if (own[i] > 0) {
        regular = true;
        whole += weights[i] * own[i];
        if (there && weights[i] > 0) {
          any = true;
          seen += weights[i] * own[i];
          sum = best ? Math.max(sum, earned) : sum + earned;
        }
      } else if (applies[group.children[i].at]) {
        extra = true;
        if (there) added += part;
      }
    });
    if (!any && !(extra && !regular)) return NaN;
    if (!any) sum = 0;
    if (rescale && seen > 0 && seen < whole) sum *= whole / seen;
    let points = sum + added;
    if (less && Math.abs(points) <= 1e-12 * largest) points = 0;
    if (group.cap !== null) points = Math.min(points, group.cap);
    return group.floor === null ? points : Math.max(points, group.floor);
  }

  function mean(group, parts, share) {
    const there = [], weights = [];
    let sum = 0;
    for (let i = 0; i < parts.length; i++) {
      if (!(share[i] > 0) || Number.isNaN(parts[i])) continue;
      if (!takes(group.method, group.p, parts[i])) throw group;
      there.push(parts[i]);
      weights.push(share[i]);
      sum += share[i];
    }
    if (!there.length) return NaN;
    for (let i = 0; i < weights.length; i++) weights[i] /= sum;
    return means[group.method](there, weights, group.p);
  }

  // Scores of one city: NaN where there is none. `kept` are the weights that count for it. Returns
  // the share of its weight that was observed.
  function climb(row, weights, shown, at) {
    const own = facts[row];
    const kept = new Float64Array(nodes.length), cover = new Float64Array(nodes.length);
    const entered = new Float64Array(nodes.length), observed = new Float64Array(nodes.length);
    for (const leaf of leaves) {
      const value = score(row, leaf), applies = value !== Infinity;
      kept[leaf.at] = applies && leaf.scorable ? weights[leaf.at] : 0;
      cover[leaf.at] = applies && leaf.scorable && !Number.isNaN(value) ? 1 : 0;
      observed[leaf.at] = imputed.has(row * leaves.length + leaf.leaf) ? 0 : cover[leaf.at];
      entered[leaf.at] = filled[row * leaves.length + leaf.leaf];
      shown[at + leaf.at] = applies ? value : NaN;
    }
    for (const group of groups) {
      let seen = 0, data = 0, total = 0, known = false, lacking = false;
      let sum = 0, mass = 0, largest = 0, less = false;
      const linear = !model.points && (group.method === "arithmetic" || group.method === "sum");
      const share = [], parts = [];
      for (const child of group.children) {
        const weight = kept[child.at], part = entered[child.at], there = part === part;
        seen += weight * (cover[child.at] || 0);
        data += weight * (observed[child.at] || 0);
        total += weight;
        known ||= cover[child.at] > 0;
        lacking ||= weight > 0 && !there;
        if (!linear) {
          share.push(weight);
          parts.push(part);
        } else if (weight > 0 && there) {
          sum += weight * part;
          mass += weight;
          largest = Math.max(largest, Math.abs(weight * part));
          less ||= part < 0;
        }
      }
      kept[group.at] = total > 0 ? weights[group.at] : 0;
      if (model.points) kept[group.at] *= own.most[group.at] / (group.most > 0 ? group.most : 1);
      cover[group.at] = total > 0 ? seen / total : NaN;
      observed[group.at] = total > 0 ? data / total : NaN;
      group.known = known || group.children.some((child) => child.known);
      const unknown = Number.isNaN(cover[group.at]);
      let counts = true;
      if (leftOut) counts = enough(cover[group.at]) || unknown;
      if (model.policy === "strict") counts &&= !lacking;
      let merged = NaN;
      if (linear && counts && mass > 0) {
        if (less && Math.abs(sum) <= 1e-12 * largest) sum = 0; // what cancels on paper is 0
        merged = group.method === "sum" ? (sum / mass) * total : sum / mass;
      } else if (!linear) {
        const taken = counts ? parts : parts.map(() => NaN);
        merged = model.points ? summed(group, taken, share, own) : mean(group, taken, share);
      }
      if (model.decimals !== null) merged = halfUp(merged, model.decimals);
      entered[group.at] = merged;
      const alone = model.points && unknown && (!(group.most > 0) || group.known);
      shown[at + group.at] = enough(cover[group.at]) || alone ? merged : NaN;
    }
    return observed[0];
  }

  // What cities are compared by: of points, the share of the most in %.
  const shareOf = (row, node, points) => {
    if (!model.points || !(nodes[node].most > 0)) return points;
    const most = facts[row].most[node];
    return most > 0 ? (100 * points) / most : NaN;
  };

  function ranked(points) {
    const totals = Array.from({ length: count }, (_, row) =>
      digits12(shareOf(row, 0, points[row * nodes.length])));
    const ranks = new Float64Array(count).fill(NaN);
    for (const period of new Set(model.periods)) {
      const rows = [...totals.keys()].filter(
        (row) => model.periods[row] === period && !Number.isNaN(totals[row]));
      rows.sort((a, b) => totals[b] - totals[a]);
      rows.forEach((row, i) => {
        const tie = i > 0 && totals[row] === totals[rows[i - 1]];
        ranks[row] = tie ? ranks[rows[i - 1]] : i + 1;
      });
    }
    return ranks;
  }

  // Points (rows × nodes), ranks and shares of data. Throws the group that cannot take a score.
  function scoreAll(weights) {
    const points = new Float64Array(count * nodes.length);
    const coverage = Float64Array.from({ length: count }, (_, row) =>
      climb(row, weights, points, row * nodes.length));
    return { points, ranks: ranked(points), coverage };
  }
  return { nodes, groups, count, shareOf, score: scoreAll };
}

// Scores as they enter the means: missing ones filled by the policy, unless a city has none at all.
function fill(model, leaves, score, count) {
  const filled = new Float64Array(count * leaves.length).fill(NaN);
  const plain = (row, leaf) => (score(row, leaf) === Infinity ? NaN : score(row, leaf));
  const worst = new Map();
  if (model.policy === "worst")
    for (let row = 0; row < count; row++)
      for (const leaf of leaves) {
        const value = plain(row, leaf), key = model.periods[row] * leaves.length + leaf.leaf;
        if (!Number.isNaN(value)) worst.set(key, Math.min(value, worst.get(key) ?? Infinity));
      }
  for (let row = 0; row < count; row++) {
    const none = leaves.every((leaf) => Number.isNaN(plain(row, leaf)));
    for (const leaf of leaves) {
      let value = plain(row, leaf);
      if (Number.isNaN(value) && !none) {
        if (model.policy === "zero") value = 0;
        if (model.policy === "worst") {
          const extra = model.points && leaf.scorable && leaf.most === 0;
          value = extra ? 0 : worst.get(model.periods[row] * leaves.length + leaf.leaf) ?? NaN;
        }
      }
      filled[row * leaves.length + leaf.leaf] = value;
    }
  }
  return filled;
}
