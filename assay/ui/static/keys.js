// One keyboard model for all tabs. A key presses the visible button (or enters the field) that carries it as data-key;
// so whatever a key does, a button does too, and a tab brings its keys by bringing its buttons.
"use strict";
(() => {
  const typing = (element) => element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])");
  const seen = (element) => element.getClientRects().length > 0 && !element.disabled;
  const carrying = (key) => [...document.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`)].find(seen);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const at = event.target instanceof Element ? event.target : document.body;
    if (typing(at)) {
      if (event.key === "Escape") at.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    // Enter and space press the button that has the focus, as everywhere.
    if ((event.key === "Enter" || event.key === " ") && at.closest("button, a, summary")) return;
    const button = carrying(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!button) return;
    event.preventDefault();
    // A key that is held down moves, but decides once.
    if (event.repeat && !button.matches("[data-repeats]")) return;
    if (typing(button)) button.select ? (button.focus(), button.select()) : button.focus();
    else button.click();
  });

  // Once a label is typed, keys are keys again.
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".typed")) document.activeElement.blur();
  }, true);

  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-key="?"]')) document.getElementById("keys").showModal();
  });

  // What could not be saved is said at once and stays until something is.
  const trouble = (text) => { document.getElementById("trouble").textContent = text; };
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful !== false && event.detail.requestConfig?.verb === "post") trouble("");
  });
  document.addEventListener("htmx:responseError", (event) => {
    trouble(event.detail.xhr.responseText.slice(0, 400) || `The server answered ${event.detail.xhr.status}.`);
  });
  document.addEventListener("htmx:sendError", (event) => {
    trouble(event.detail.requestConfig?.verb === "post"
      ? "Not saved: the server does not answer. What was saved before is on the disk; start `assay ui` again to go on."
      : "The server does not answer. What was saved is on the disk; start `assay ui` again to go on.");
  });
  // What a piece of the page has to say to those who do not see it.
  document.addEventListener("htmx:afterSwap", () => {
    const said = document.querySelector("[data-say]");
    if (said) { document.getElementById("said").textContent = said.dataset.say; said.removeAttribute("data-say"); }
  });
})();
