"use strict";

// Tables sort by the column whose head is clicked: numbers by data-order where there is one, empty cells last.
function key(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.order ?? cell.textContent.trim();
  const number = Number(text.replace("–", ""));
  return text === "" || text === "–" ? null : Number.isNaN(number) ? text : number;
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function sort(head) {
  const table = head.closest("table");
  const descending = head.getAttribute("aria-sort") === "ascending";
  table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
  rows.sort(([a], [b]) => (descending && a !== null && b !== null ? compare(b, a) : compare(a, b)));
  body.append(...rows.map(([, row]) => row));
}

for (const head of document.querySelectorAll(".sortable thead tr:last-child th:not([data-kind=none])")) {
  head.tabIndex = 0;
  head.addEventListener("click", () => sort(head));
  head.addEventListener("keydown", (event) => event.key === "Enter" && sort(head));
}

// A verdict's button shows the claims with that verdict alone; pressed again, all of them.
const buttons = [...document.querySelectorAll("button[data-verdict]")];
for (const button of buttons) {
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    buttons.forEach((other) => other.setAttribute("aria-pressed", String(pressed && other === button)));
    for (const row of document.querySelectorAll(".claims tbody tr")) {
      row.hidden = pressed && row.dataset.verdict !== button.dataset.verdict;
    }
    document.getElementById("all-claims").scrollIntoView();
  });
}
