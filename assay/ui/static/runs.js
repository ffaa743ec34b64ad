// Curves that grow: the page asks each second for what changed, and charts that are there are drawn over.
"use strict";
(() => {
  let stage = document.querySelector("[data-now]")?.dataset.now;
  document.addEventListener("htmx:afterSettle", () => {
    const told = document.getElementById("curve-data");
    if (!told || typeof assayCharts === "undefined") return;
    const figures = JSON.parse(told.textContent), charts = [...document.querySelectorAll("#curves .plot")];
    if (figures.length === charts.length) charts.forEach((chart, place) => assayCharts.renew(chart, figures[place]));
    assayCharts.find();
    // Each second's loss would drown a screen reader; another stage is news.
    const now = document.querySelector("[data-now]")?.dataset.now;
    if (now && now !== stage) document.getElementById("said").textContent = `Now: ${now}`;
    stage = now;
  });
})();
