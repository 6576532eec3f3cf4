// After a time without a sign of life: warns, then locks. The server keeps the true clock.
const lock = document.querySelector("[data-idle-seconds]");
if (lock) {
  const limit = Number(lock.dataset.idleSeconds) * 1000;
  const warning = Number(lock.dataset.warnSeconds || 60) * 1000;
  const left = lock.querySelector("[data-left]");
  let seen = Date.now();
  let told = seen;
  const alive = () => {
    if (!lock.hidden) return;
    seen = Date.now();
    if (lock.dataset.keepUrl && seen - told > limit / 3) {
      told = seen;
      fetch(lock.dataset.keepUrl, { credentials: "same-origin", cache: "no-store" }).catch(() => {});
    }
  };
  for (const name of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(name, alive, { passive: true, capture: true });
  lock.querySelector("[data-stay]")?.addEventListener("click", () => {
    lock.hidden = true;
    told = 0;
    alive();
  });
  setInterval(() => {
    const rest = limit - (Date.now() - seen);
    const near = rest <= warning;
    if (near && lock.hidden) document.dispatchEvent(new CustomEvent("naungan:say", { detail: lock.dataset.say }));
    lock.hidden = !near;
    if (left) left.textContent = Math.max(0, Math.ceil(rest / 1000));
    if (rest > 0) return;
    document.body.dataset.leaving = "";
    lock.querySelector("form").requestSubmit();
  }, 1000);
}
