// The list of groups follows the group that is shown.
"use strict";
document.addEventListener("htmx:afterSettle", () => {
  const shown = document.getElementById("twins")?.dataset.group;
  for (const link of document.querySelectorAll("#groups [aria-current]")) link.removeAttribute("aria-current");
  const link = document.getElementById(`group-${shown}`);
  if (!link) return;
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({block: "nearest"});
});
