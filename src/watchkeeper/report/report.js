"use strict";
// Hover: the table below each chart is its data; the nearest row becomes a tip.
for (const figure of document.querySelectorAll("figure.hover")) {
  const chart = figure.querySelector("svg.chart");
  const rows = [...figure.querySelectorAll("tbody tr[data-at]")];
  const heads = [...figure.querySelectorAll("thead th")].map((head) => head.textContent);
  const tip = document.createElement("div");
  const cursor = document.createElement("div");
  tip.className = "tip";
  cursor.className = "cursor";
  const hide = () => { tip.remove(); cursor.remove(); };
  chart.addEventListener("pointerleave", hide);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width * 100;
    let near = null;
    for (const row of rows) {
      if (!near || Math.abs(row.dataset.at - at) < Math.abs(near.dataset.at - at)) near = row;
    }
    if (!near) return;
    tip.replaceChildren(...[...near.cells].flatMap((cell, place) => {
      const line = document.createElement("div");
      if (place === 0) {
        const strong = document.createElement("b");
        strong.textContent = cell.textContent;
        line.append(strong);
      } else {
        line.textContent = heads[place] + ": " + cell.textContent;
      }
      return [line];
    }));
    figure.append(cursor, tip);
    const edge = box.left - figure.getBoundingClientRect().left;
    const x = edge + near.dataset.at / 100 * box.width;
    const left = Math.max(0, x + (x > edge + box.width / 2 ? -tip.offsetWidth - 12 : 12));
    cursor.style.left = x + "px";
    const top = box.top - figure.getBoundingClientRect().top;
    cursor.style.top = top + "px";
    cursor.style.height = (box.height - 22) + "px";
    tip.style.left = left + "px";
    tip.style.top = (top + 8) + "px";
  });
}
// Sorting: each heading of a sortable table becomes a button.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if (head.classList.contains("spark-cell")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const value = (row) => row.cells[place].dataset.value;
      const numbers = value(body.rows[0]) !== undefined;
      const now = head.getAttribute("aria-sort");
      const ascending = now ? now === "descending" : !numbers;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const sorted = [...body.rows].sort((a, b) => numbers
        ? value(a) - value(b)
        : a.cells[place].textContent.localeCompare(b.cells[place].textContent));
      body.append(...(ascending ? sorted : sorted.reverse()));
    });
  });
}
