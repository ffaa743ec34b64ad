// Before anything is drawn: the reader's choice of light or dark, if there was one.
"use strict";
(() => {
  const root = document.documentElement;
  const chosen = localStorage.getItem("assay-theme");
  if (chosen) root.dataset.theme = chosen;
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("assay-theme", root.dataset.theme);
      document.dispatchEvent(new CustomEvent("assay:theme"));
    });
  });
})();
