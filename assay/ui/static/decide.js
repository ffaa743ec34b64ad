// A decision belongs to the example on the screen: what is pressed before that one is painted decides nothing, nor does
// what is pressed after a decision and before the next example is there.
"use strict";
(() => {
  const boxes = () => document.querySelectorAll(".decide");
  const box = (element) => element instanceof Element ? element.closest(".decide") : null;

  const look = () => {
    for (const one of boxes()) {
      if (one.dataset.begun) continue;
      one.dataset.begun = "yes";
      assayShown([...document.querySelectorAll("img[data-judged]")]).then(() => { one.dataset.begun = one.dataset.seen = "seen"; });
    }
  };

  const stopEarly = (event) => {
    const early = box(event.target);
    if (!early || early.dataset.seen || !(event.type === "submit" || event.target.closest("button"))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  // Before htmx hears of it.
  document.addEventListener("click", stopEarly, true);
  document.addEventListener("submit", stopEarly, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const asked = box(event.detail.elt);
    if (asked && event.detail.requestConfig.verb === "post") delete asked.dataset.seen;
  });
  // What could not be said, or not be fetched, leaves the example where it is.
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, () => { for (const one of boxes()) if (one.dataset.begun === "seen") one.dataset.seen = "seen"; });
  }
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("DOMContentLoaded", look);
})();
