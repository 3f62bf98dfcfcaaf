"use strict";
(() => {
  const lang = document.documentElement.lang;
  const table = document.getElementById("cities");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const plain = (text) =>
    text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");

  // Rows without a number stay at the end, whichever way the others run.
  const compare = (key, sign) => (a, b) => {
    const x = a.dataset[key], y = b.dataset[key];
    if (x === "" || y === "") return (x === "") - (y === "");
    if (key === "city" || key === "period") return sign * x.localeCompare(y, lang);
    return sign * (x - y);
  };
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const head = button.parentElement;
    const key = head.dataset.key;
    const was = head.getAttribute("aria-sort");
    const best = key === "score" || key === "coverage" ? "descending" : "ascending";
    const other = best === "ascending" ? "descending" : "ascending";
    const now = was === best ? other : best;
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", now);
    rows.sort(compare(key, now === "ascending" ? 1 : -1));
    body.append(...rows);
  });

  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const filter = () => {
    const wanted = plain(search.value.trim());
    let shown = 0;
    for (const row of rows) {
      row.hidden = !plain(row.dataset.city).includes(wanted);
      shown += !row.hidden;
    }
    count.textContent = count.dataset.text
      .replace("{n}", shown).replace("{all}", count.dataset.all);
  };
  search.addEventListener("input", filter);
  filter();
})();
