// Completions under a field: the server proposes, arrows choose, Enter or Tab takes, Escape closes them and leaves the
// field once its condition is sent.
"use strict";
(() => {
  let field, list, found = [], at = -1, asked = 0;

  async function ask() {
    const number = ++asked, text = field.value.slice(0, field.selectionStart);
    const answer = await fetch(`${field.dataset.complete}?text=${encodeURIComponent(text)}`);
    if (number !== asked || !answer.ok || document.activeElement !== field) return;
    found = await answer.json(); at = -1; draw();
  }
  function draw() {
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement("li"), hint = document.createElement("span");
      item.id = `where-option-${index}`; item.role = "option"; item.dataset.index = index;
      item.setAttribute("aria-selected", index === at);
      hint.textContent = one.hint; item.append(one.text, hint);
      return item;
    }));
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    if (at >= 0) { field.setAttribute("aria-activedescendant", `where-option-${at}`); list.children[at].scrollIntoView({block: "nearest"}); }
    else field.removeAttribute("aria-activedescendant");
  }
  function close() { found = []; at = -1; asked++; draw(); }
  function take(index) {
    const one = found[index], end = field.selectionStart, rest = field.value.slice(end);
    const before = field.value.slice(0, one.start) + one.text + " ";
    field.value = before + rest.trimStart();
    field.setSelectionRange(before.length, before.length);
    ask();
  }
  // Who leaves the field and presses Enter to send the condition would decide about an example.
  const isSent = () => field.value.trim() === (new URLSearchParams(document.getElementById("grid").dataset.query).get("where") ?? "");
  document.addEventListener("DOMContentLoaded", () => {
    field = document.querySelector("[data-complete]"); list = document.getElementById("where-options");
    if (!field) return;
    field.addEventListener("input", ask);
    field.addEventListener("focus", ask);
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!found.length) return;
        event.preventDefault();
        at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length; draw();
      } else if ((event.key === "Enter" && at >= 0) || (event.key === "Tab" && found.length)) {
        event.preventDefault(); take(Math.max(0, at));
      } else if (event.key === "Enter") { close(); }
      else if (event.key === "Escape" && (found.length || !isSent())) { event.preventDefault(); event.stopPropagation(); close(); }
    });
    // Before the field loses the focus to the click.
    list.addEventListener("mousedown", (event) => {
      const item = event.target.closest("li");
      if (item) { event.preventDefault(); take(+item.dataset.index); }
    });
  });
})();
