"use strict";
// Every table can be sorted by its columns. Without scripts the page reads the same, unsorted.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 2) continue;
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(table, body, heading));
  }
}
function sort(table, body, heading) {
  const rising = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const at = heading.cellIndex, numeric = heading.classList.contains("number");
  const keys = Array.from(body.rows, row => {
    const text = row.cells[at].textContent.trim();
    return [numeric ? number(text) : text, row];
  });
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const compare = numeric ? (a, b) => a[0] - b[0] : (a, b) => collator.compare(a[0], b[0]);
  keys.sort((a, b) => rising ? compare(a, b) : compare(b, a));
  body.append(...keys.map(key => key[1]));
}
function number(text) {
  const value = Number(text.replace(/[^0-9.e+-]/g, "") || NaN);
  return Number.isNaN(value) ? -Infinity : value;
}
