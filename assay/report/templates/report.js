"use strict";
// Draws each chart when it nears the window, the rest when the browser is idle, and again in the
// other colours when the reader's theme changes.
(() => {
  const charts = [...document.querySelectorAll(".plot")];
  const config = { displayModeBar: false, responsive: true };

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
  const waiting = new Set(charts);
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
  charts.forEach((chart) => observer.observe(chart));

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
  whenIdle(drawNext);

  document.querySelectorAll("details").forEach((details) =>
    details.addEventListener("toggle", () => details.querySelectorAll(".plot").forEach(drawOnce)),
  );
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    charts.filter((chart) => !waiting.has(chart)).forEach(draw),
  );
  addEventListener("beforeprint", () => [...waiting].filter(isVisible).forEach(drawOnce));

  // The table of contents marks the section that is being read.
  const links = new Map(
    [...document.querySelectorAll(".contents a")].map((link) => [link.getAttribute("href").slice(1), link]),
  );
  const reading = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((seen) => seen.isIntersecting)) {
        links.forEach((link) => link.removeAttribute("aria-current"));
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  links.forEach((_, id) => {
    const section = document.getElementById(id);
    if (section) reading.observe(section);
  });

  document.querySelectorAll("button[data-copy]").forEach((button) => {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  });
})();
