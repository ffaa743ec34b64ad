"use strict";
// Draws each chart when it nears the window, the rest when the browser is idle, and again in the
// other colours when the reader's theme changes. A page that grows charts calls `assayCharts.find()`.
const assayCharts = (() => {
  const config = { displayModeBar: false, responsive: true };
  const charts = new Set(), waiting = new Set();

  // Colours are named as CSS variables, and only under keys of colours: labels are left alone.
  const paint = (value, styles, isColor = false) => {
    if (typeof value === "string") {
      const name = isColor && /^var\((--[\w-]+)\)$/.exec(value);
      return name ? styles.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => paint(item, styles, isColor));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, paint(item, styles, /color|family/.test(key))]),
      );
    }
    return value;
  };

  const draw = (chart) => {
    if (!chart.specification) {
      const script = chart.querySelector("script");
      chart.specification = JSON.parse(script.textContent);
      script.remove();
    }
    const { data, layout } = paint(chart.specification, getComputedStyle(document.documentElement));
    return Plotly.react(chart, data, layout, config).then(() => chart.classList.add("drawn"));
  };

  const isVisible = (chart) => chart.offsetParent !== null;
  const drawOnce = (chart) => {
    if (waiting.has(chart) && isVisible(chart)) {
      waiting.delete(chart);
      draw(chart);
    }
  };
  const observer = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => drawOnce(entry.target)),
    { rootMargin: "600px" },
  );

  // at the latest after half a second: a busy machine may never be idle
  const whenIdle = (work) =>
    window.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 50);
  const drawNext = () => {
    const next = [...waiting].find(isVisible);
    if (next) {
      drawOnce(next);
      whenIdle(drawNext);
    }
  };

  const find = () => {
    for (const chart of charts) {
      if (!chart.isConnected) { charts.delete(chart); waiting.delete(chart); observer.unobserve(chart); }
    }
    for (const chart of document.querySelectorAll(".plot")) {
      if (charts.has(chart)) continue;
      charts.add(chart);
      waiting.add(chart);
      observer.observe(chart);
    }
    whenIdle(drawNext);
  };
  // Other numbers in a chart that is there: it is drawn over, not taken away and put back.
  const renew = (chart, specification) => {
    chart.specification = specification;
    return waiting.has(chart) ? undefined : draw(chart);
  };
  const drawAgain = () => [...charts].filter((chart) => !waiting.has(chart)).forEach(draw);

  // `toggle` does not bubble.
  document.addEventListener("toggle", (event) => event.target.querySelectorAll(".plot").forEach(drawOnce), true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
  document.addEventListener("assay:theme", drawAgain);
  addEventListener("beforeprint", () => [...waiting].filter(isVisible).forEach(drawOnce));
  find();
  return { find, renew };
})();

// A passage is copied by its button; where the browser refuses, it is marked, to be copied by hand.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copies]");
  if (!button) return;
  const words = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(words.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  } catch {
    getSelection().selectAllChildren(words);
  }
});
