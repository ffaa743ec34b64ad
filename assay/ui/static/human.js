// The clock of a question: it starts when the example has been painted, stands still while the page is hidden, and no
// answer is taken before, since what was pressed earlier was meant for another question.
"use strict";
(() => {
  let started = 0, away = 0, hiddenAt = 0;

  const begin = async (form) => {
    if (form.dataset.begun) return;
    form.dataset.begun = "yes";
    const image = form.querySelector("#shown");
    if (!await assayShown(image ? [image] : [])) {
      document.getElementById("trouble").textContent = "This example cannot be shown; answer unsure, or look whether its file is there.";
    }
    started = performance.now();
    away = 0;
    form.querySelector(".answers").disabled = false;
    form.dataset.seen = "yes";
    form.querySelector("#label")?.focus();
  };

  const question = () => document.getElementById("question");
  const renew = () => {
    if (question()) begin(question());
    if (typeof assayCharts !== "undefined") assayCharts.find();
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = performance.now();
    else if (hiddenAt) { away += performance.now() - Math.max(hiddenAt, started); hiddenAt = 0; }
  });
  // Before htmx reads the form.
  document.addEventListener("submit", (event) => {
    if (event.target !== question()) return;
    event.target.elements.seconds.value = (Math.max(0, performance.now() - started - away) / 1000).toFixed(3);
  }, true);
  document.addEventListener("htmx:afterSettle", renew);
  // Another name in the bar is another person, who is asked another question.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt?.id === "reviewer" && event.detail.successful) location.reload();
  });
  renew();
})();
