// A decision belongs to the example on the screen: what is pressed before that one is painted decides nothing, nor does
// what is pressed after a decision and before the next example is there.
"use strict";
(() => {
  const boxes = () => document.querySelectorAll(".decide");
  const box = (element) => element instanceof Element ? element.closest(".decide") : null;

  // What was left before its picture was there, or while its decision was on the way, stays left.
  const arm = (one) => { one.dataset.begun = "seen"; if (!one.dataset.left) one.dataset.seen = "seen"; };

  const look = () => {
    for (const one of boxes()) {
      if (one.dataset.begun) continue;
      one.dataset.begun = "yes";
      assayShown([...document.querySelectorAll("img[data-judged]")]).then(() => arm(one));
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

  const deciding = (event) => event.detail.requestConfig?.verb === "post" ? box(event.detail.elt) : null;
  document.addEventListener("htmx:beforeRequest", (event) => { delete deciding(event)?.dataset.seen; });
  // What could not be said may be said again; what else fails on the page has nothing to do with it.
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, (event) => { if (deciding(event)) arm(deciding(event)); });
  }
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("DOMContentLoaded", look);
})();
