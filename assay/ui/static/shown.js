// When a person sees what stands on the page: once its pictures are decoded and it has been painted.
"use strict";
const assayShown = (() => {
  const painted = () => new Promise((done) => {
    // A hidden page is never painted.
    if (document.hidden) document.addEventListener("visibilitychange", () => done(painted()), { once: true });
    else requestAnimationFrame(() => requestAnimationFrame(done));
  });

  // Waits until they are seen, and tells whether all of them could be decoded.
  return async (pictures) => {
    const decoded = await Promise.allSettled(pictures.map((picture) => picture.decode()));
    await painted();
    return decoded.every((one) => one.status === "fulfilled");
  };
})();
