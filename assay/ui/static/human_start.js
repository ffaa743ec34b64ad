// How many questions a split has, and how long as many as are wished for take.
"use strict";
(() => {
  const wished = document.getElementById("questions"), minutes = document.getElementById("minutes");
  if (!wished) return;
  const usual = Number(wished.dataset.usual);
  let isTyped = false;

  const tell = () => {
    const asked = wished.valueAsNumber;
    minutes.textContent = asked > 0 ? Math.max(1, Math.round((asked + Math.floor(asked / 10)) * 4 / 60)) : "–";
  };
  wished.addEventListener("input", () => { isTyped = true; tell(); });
  for (const one of document.querySelectorAll("input[name=split]")) {
    one.addEventListener("change", () => {
      wished.max = one.dataset.count;
      wished.value = Math.min(isTyped && wished.valueAsNumber > 0 ? wished.valueAsNumber : usual, Number(one.dataset.count));
      tell();
    });
  }
  tell();
})();
