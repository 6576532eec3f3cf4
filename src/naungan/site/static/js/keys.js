// Keyboard: / search, j and k rows, x choose, Enter open, ? help. Never while somebody is typing.
const typing = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);
const rows = () => [...document.querySelectorAll("[data-row]")];
const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("table__row--at"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.classList.remove("table__row--at");
  next.classList.add("table__row--at");
  (next.querySelector("a[href]") || next).focus();
};
const acts = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => document.querySelector(".table__row--at [data-pick]")?.click(),
  "?": () => document.getElementById("shortcuts")?.showModal?.(),
};
document.addEventListener("keydown", (event) => {
  const act = acts[event.key];
  const tick = event.target.matches?.("[data-pick]");
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if ((typing(event.target) && !tick) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act();
});
