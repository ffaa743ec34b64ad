// A grid of any number of cells, of which only those near the window are in the document.
// Pages of whole rows are asked of the server as they come near, put at their place, and taken out when they are far.
"use strict";
(() => {
  const CAPTION = 28, LINE = 30, NEAR = 1;
  let scroller, tall, total, columns, width, height, rows, above, pages, chosen = -1, frame = 0;

  // As the grid was asked for: what is typed since then does not count before it is sent.
  const wish = () => new URLSearchParams(document.getElementById("grid").dataset.query);
  const zoom = () => +document.querySelector("[data-zoom]").value;
  const perPage = () => rows * columns;

  function begin() {
    const grid = document.getElementById("grid");
    if (!grid) return;
    scroller = grid.querySelector(".scroller"); tall = grid.querySelector(".tall");
    total = +grid.dataset.total; chosen = -1; pages = new Map();
    lay();
  }

  function lay() {
    const place = scroller.scrollTop && columns ? Math.floor(scroller.scrollTop / height) * columns : 0;
    width = zoom();
    const lined = scroller.parentElement.classList.contains("lined");
    columns = lined ? 1 : Math.max(1, Math.floor((scroller.clientWidth - 32) / width));
    height = lined ? LINE : Math.round((scroller.clientWidth - 32) / columns) + CAPTION - 8;
    rows = lined ? 40 : 5;
    above = scroller.querySelector(".heads")?.offsetHeight || 0;
    for (const page of pages.values()) page.leave();
    pages.clear();
    tall.style.height = `${Math.ceil(total / columns) * height}px`;
    tall.style.setProperty("--columns", columns);
    tall.style.setProperty("--cell-height", `${height}px`);
    scroller.scrollTop = Math.floor(place / columns) * height;
    show();
  }

  function show() {
    frame = 0;
    if (!total) return;
    const last = Math.ceil(total / perPage()) - 1, tallness = rows * height;
    const from = Math.max(0, Math.floor(scroller.scrollTop / tallness) - NEAR);
    const to = Math.min(last, Math.floor((scroller.scrollTop + scroller.clientHeight) / tallness) + NEAR);
    for (const [number, page] of pages) if (number < from || number > to) { page.leave(); pages.delete(number); }
    for (let number = from; number <= to; number++) if (!pages.has(number)) pages.set(number, enter(number));
  }

  function enter(number) {
    const stop = new AbortController(), box = document.createElement("div");
    box.className = "page"; box.setAttribute("role", "presentation");
    box.style.top = `${number * rows * height}px`;
    tall.append(box);
    const asked = wish();
    asked.set("start", number * perPage()); asked.set("count", perPage());
    asked.set("moment", document.getElementById("grid").dataset.moment);
    const headers = {...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true"};
    const fill = async () => {
      try {
        const answer = await fetch(`/browse/cells?${asked}`, {signal: stop.signal, headers});
        // Cells of other data are not put between those of this one.
        if (answer.headers.get("HX-Refresh")) { location.reload(); return; }
        if (!answer.ok) throw new Error(await answer.text());
        box.innerHTML = await answer.text();
        mark();
      } catch (error) {
        if (error.name !== "AbortError") document.getElementById("trouble").textContent = "The server does not answer.";
      }
    };
    // Who scrolls fast passes many pages: only those that stay are asked for.
    const wait = setTimeout(fill, 30);
    return {fill, leave() { clearTimeout(wait); stop.abort(); box.remove(); }};
  }

  function mark() {
    for (const cell of tall.querySelectorAll("[aria-selected=true]")) cell.setAttribute("aria-selected", "false");
    const cell = document.getElementById(`cell-${chosen}`);
    if (cell) { cell.setAttribute("aria-selected", "true"); scroller.setAttribute("aria-activedescendant", cell.id); }
    else scroller.removeAttribute("aria-activedescendant");
    return cell;
  }

  // Choose the cell at an index: in view, marked, and told beside.
  async function choose(index) {
    if (!total) return;
    leave();
    chosen = Math.max(0, Math.min(total - 1, index));
    const top = Math.floor(chosen / columns) * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height + above > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height + above - scroller.clientHeight;
    show();
    const wanted = chosen;
    while (wanted === chosen) {
      const cell = mark();
      if (cell) { open(cell.dataset.row); return; }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  // Nothing is decided about an example that another is to take the place of.
  const leave = () => {
    const box = document.querySelector("#panel .decide");
    if (box) { box.dataset.left = "yes"; delete box.dataset.seen; }
  };
  const open = (row) => { leave(); return htmx.ajax("GET", `/browse/example/${row}`, {target: "#panel", swap: "innerHTML"}); };

  function setWhere(text) {
    document.getElementById("where").value = text;
    htmx.trigger("#wish", "submit");
  }

  const renew = () => { for (const page of pages.values()) page.fill(); };

  document.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell"), move = event.target.closest("[data-move]");
    const shortcut = event.target.closest("[data-where]"), other = event.target.closest("[data-open]");
    if (cell) choose(+cell.dataset.index);
    if (move) choose(chosen < 0 ? 0 : chosen + +move.dataset.move);
    if (shortcut) setWhere(shortcut.getAttribute("aria-pressed") === "true" ? "" : shortcut.dataset.where);
    if (other && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(other.dataset.open); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== scroller || event.ctrlKey || event.metaKey || event.altKey) return;
    const seen = Math.max(1, Math.floor(scroller.clientHeight / height));
    const step = {ArrowDown: columns, ArrowUp: -columns, PageDown: seen * columns, PageUp: -seen * columns, Home: -total, End: total}[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen < 0 && step > 0 ? (event.key === "End" ? total - 1 : 0) : chosen + step);
  });
  document.addEventListener("scroll", (event) => {
    if (event.target === scroller && !frame) frame = requestAnimationFrame(show);
  }, true);
  document.addEventListener("change", (event) => { if (event.target.matches("[data-zoom]")) { event.stopPropagation(); lay(); } }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "grid" || event.detail.target?.id === "grid") {
      begin();
      const asked = wish();
      history.replaceState(null, "", asked.size ? `/browse?${asked}` : "/browse");
    }
  });
  document.addEventListener("assay:decided", (event) => {
    renew();
    if (total) choose(chosen + 1); else open(event.detail.row);
  });
  document.addEventListener("assay:undone", (event) => {
    renew();
    if (event.detail.index !== null) choose(event.detail.index); else open(event.detail.row);
  });
  let resized = 0;
  addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(lay, 120); });
  document.addEventListener("DOMContentLoaded", begin);
})();
